package io.rediscdc.standalone.redis;

/** A server answered with an error; the message is its own. */
public final class RedisErrorException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public RedisErrorException(String message) {
        super(message);
    }

    /** Its first word, as in WRONGTYPE. */
    public String code() {
        return getMessage().split(" ", 2)[0];
    }

    /** The server is of a version, or a build, that has no such command. */
    public boolean isUnknownCommand() {
        return getMessage().startsWith("ERR unknown command") || getMessage().startsWith("ERR unknown subcommand");
    }
}
