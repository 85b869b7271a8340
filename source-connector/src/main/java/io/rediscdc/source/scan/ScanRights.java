package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;

/** What an error reply means to the operator. */
final class ScanRights {

    private static final String READING =
            "~* +ping +info +select +scan +type +multi +exec +time +dump +pttl +pexpiretime"
                    + " +memory|usage +function|list";
    private static final String WINDOWS = "+watch +unwatch +getrange +strlen +lrange +hscan +sscan +zscan +xrange"
            + " +xinfo|stream +xinfo|groups +xinfo|consumers +xpending";
    private static final String NOTIFICATIONS = "allchannels +psubscribe +config|get";
    private static final String TRACKING = "allchannels +subscribe +client|id +client|tracking";

    private ScanRights() {}

    /** The command that gives a user all that is needed. */
    static String grant(ScanOptions options) {
        String user = options.username() == null ? "default" : options.username();
        String live = "";
        if (options.mode().isLive()) {
            live = " " + (options.live().feed() == LiveOptions.Feed.KEYSPACE ? NOTIFICATIONS : TRACKING);
            if (options.live().configures()) {
                live += " +config|set";
            }
        }
        return "ACL SETUSER " + user + " " + READING + " " + WINDOWS + live;
    }

    /** @param what that was asked for */
    static RedisCdcException refused(ScanLink link, ScanOptions options, String what, Reply reply) {
        String said = reply.isFailure() ? reply.text() : "something unexpected";
        String code = said.split(" ", 2)[0];
        boolean unknown = said.contains("unknown command") || said.contains("nknown subcommand");
        return switch (code) {
            case "NOPERM", "EXECABORT" ->
                new RedisCdcException(
                        Category.CONFIG,
                        link.node() + " refused " + what + ": " + said + "; it needs " + grant(options));
            default ->
                new RedisCdcException(
                        unknown ? Category.UNSUPPORTED : Category.PROTOCOL,
                        link.node() + " refused " + what + ": " + said
                                + (unknown ? "; this server, or a proxy before it, cannot be read so" : ""));
        };
    }
}
