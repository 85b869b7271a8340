package io.rediscdc.sink.target;

import io.lettuce.core.RedisCommandExecutionException;
import io.lettuce.core.RedisCommandTimeoutException;
import io.lettuce.core.protocol.RedisProtocolException;
import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException.Category;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.concurrent.TimeoutException;

/**
 * Why a connection could not be made or used.
 *
 * @param message what is wrong at which server and what to do; without secrets
 */
record ConnectFailure(Kind kind, String message) {

    enum Kind {
        UNREACHABLE(Category.CONNECTION),
        NOT_REDIS(Category.PROTOCOL),
        CREDENTIALS(Category.CONFIG),
        PERMISSION(Category.CONFIG),
        LOADING(Category.CONNECTION),
        REFUSED(Category.CONNECTION);

        private final Category category;

        Kind(Category category) {
            this.category = category;
        }

        Category category() {
            return category;
        }
    }

    /** @param firstLine what the server said first, null for nothing or unknown */
    static ConnectFailure of(Throwable failure, String firstLine, RedisAddress address) {
        if (firstLine != null && !firstLine.isEmpty()) {
            if (firstLine.charAt(0) == '-') {
                return ofReply(firstLine.substring(1), address);
            }
            if ("+$*:".indexOf(firstLine.charAt(0)) < 0) {
                return notRedis(address);
            }
        }
        String said = null;
        for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
            if (cause instanceof RedisCommandExecutionException && cause.getMessage() != null) {
                return ofReply(cause.getMessage(), address);
            }
            if (cause instanceof RedisProtocolException) {
                return notRedis(address);
            }
            if (cause instanceof UnknownHostException) {
                return unreachable(address, "its name cannot be resolved");
            }
            if (cause instanceof RedisCommandTimeoutException || cause instanceof TimeoutException) {
                return unreachable(address, "it did not answer in time");
            }
            if (cause.getMessage() != null) {
                said = cause.getMessage();
            }
        }
        // Lettuce has no exception of its own for protected mode and for a peer that hangs up at once.
        if (said != null && said.startsWith("DENIED")) {
            return ofReply(said, address);
        }
        return unreachable(address, said == null ? failure.toString() : said);
    }

    private static ConnectFailure ofReply(String reply, RedisAddress address) {
        String error = TargetError.brief(reply);
        String upper = reply.toUpperCase(Locale.ROOT);
        if (upper.startsWith("WRONGPASS")
                || upper.startsWith("NOAUTH")
                || upper.startsWith("ERR INVALID PASSWORD")
                || upper.startsWith("ERR AUTH")
                || upper.startsWith("ERR CLIENT SENT AUTH")) {
            return new ConnectFailure(
                    Kind.CREDENTIALS,
                    address + " does not let us log in (" + error + "); check redis.username and redis.password");
        }
        if (upper.startsWith("NOPERM")) {
            return new ConnectFailure(
                    Kind.PERMISSION,
                    address + " does not permit what is needed (" + error + "); extend the user's ACL");
        }
        if (upper.startsWith("LOADING")) {
            return new ConnectFailure(
                    Kind.LOADING, address + " is loading its data set (LOADING); try again when it has finished");
        }
        if (upper.startsWith("DENIED")) {
            return new ConnectFailure(
                    Kind.CREDENTIALS,
                    address + " runs in protected mode and refuses connections from other hosts; set a password there,"
                            + " and here in redis.password");
        }
        return new ConnectFailure(Kind.REFUSED, address + " refuses the connection (" + error + ")");
    }

    private static ConnectFailure notRedis(RedisAddress address) {
        return new ConnectFailure(
                Kind.NOT_REDIS,
                address + " answered with something that is not Redis' protocol; check host and port in redis.address,"
                        + " and whether the server expects TLS");
    }

    private static ConnectFailure unreachable(RedisAddress address, String why) {
        return new ConnectFailure(
                Kind.UNREACHABLE,
                address + " cannot be reached: " + why
                        + "; check redis.address (or what Sentinel says), that the server runs, and firewalls");
    }
}
