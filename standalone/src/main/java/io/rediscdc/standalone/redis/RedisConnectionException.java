package io.rediscdc.standalone.redis;

/** A server cannot be reached, went away, or is none of Redis's kind. The message names its address. */
public final class RedisConnectionException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public RedisConnectionException(String message) {
        super(message);
    }

    public RedisConnectionException(String message, Throwable cause) {
        super(message, cause);
    }
}
