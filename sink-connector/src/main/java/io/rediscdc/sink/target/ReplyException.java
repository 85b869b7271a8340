package io.rediscdc.sink.target;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;

/** The target answered with an error to what a writer needs for itself. */
public final class ReplyException extends RedisCdcException {

    private static final long serialVersionUID = 1L;

    private final String code;
    private final String redirection;

    ReplyException(RedisAddress address, String error) {
        super(
                TargetError.isPassing(error) ? Category.CONNECTION : Category.CONFIG,
                "the target " + address + " answered: " + TargetError.brief(error)
                        + (TargetError.code(error).equals("NOPERM") ? "; extend the ACL of redis.username" : ""));
        this.code = TargetError.code(error);
        this.redirection =
                code.equals("ASK") || code.equals("MOVED") ? error.substring(error.lastIndexOf(' ') + 1) : null;
    }

    /** The first word of the server's error, as WRONGTYPE. */
    public String code() {
        return code;
    }

    /** Of ASK and MOVED, the node to ask instead, as host:port; null of others. */
    public String redirection() {
        return redirection;
    }
}
