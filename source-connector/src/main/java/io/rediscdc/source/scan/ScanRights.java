package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;

/** What an error reply means to the operator. */
final class ScanRights {

    private static final String READING =
            "~* +ping +info +select +scan +type +multi +exec +time +dump +pttl +memory|usage";
    private static final String WINDOWS =
            "+watch +unwatch +getrange +strlen +lrange +hscan +sscan +zscan +xrange +xpending";
    private static final String FROM_7 = "+pexpiretime +function|list +xinfo|stream +xinfo|groups +xinfo|consumers";
    private static final String BEFORE_7 = "+xinfo";
    private static final String CLUSTER = "+asking +cluster|nodes +cluster|countkeysinslot +cluster|getkeysinslot";
    private static final String CLUSTER_BEFORE_7 = "+asking +cluster";
    private static final String NOTIFICATIONS = "allchannels +psubscribe +config|get";
    private static final String TRACKING = "allchannels +subscribe +client|id +client|tracking";

    /** The connection that CLIENT TRACKING is to send to was lost meanwhile (networking.c). */
    private static final String NO_REDIRECTION = "client ID you want redirect to does not exist";

    private ScanRights() {}

    /**
     * The command that gives a user all that is needed.
     *
     * @param old whether the server is one before Redis 7
     */
    static String grant(ScanOptions options, boolean old) {
        String user = options.username() == null ? "default" : options.username();
        String live = options.clustered() ? " " + (old ? CLUSTER_BEFORE_7 : CLUSTER) : "";
        if (options.mode().isLive()) {
            live += " " + (options.live().feed() == LiveOptions.Feed.KEYSPACE ? NOTIFICATIONS : TRACKING);
            if (options.live().configures()) {
                live += " +config|set";
            }
        }
        return "ACL SETUSER " + user + " " + READING + " " + WINDOWS + " " + (old ? BEFORE_7 : FROM_7) + live;
    }

    /** @param what that was asked for */
    static RedisCdcException refused(ScanLink link, ScanOptions options, String what, Reply reply) {
        String said = reply.isFailure() ? reply.text() : "something unexpected";
        String code = said.split(" ", 2)[0];
        if (said.contains(NO_REDIRECTION)) {
            return new RedisCdcException(
                    Category.CONNECTION, link.node() + " refused " + what + ": " + said + "; it is tried again");
        }
        boolean unknown = said.contains("unknown command") || said.contains("nknown subcommand");
        return switch (code) {
            case "NOPERM", "EXECABORT" ->
                new RedisCdcException(
                        Category.CONFIG,
                        link.node() + " refused " + what + ": " + said + "; it needs " + grant(options, link.isOld()));
            default ->
                new RedisCdcException(
                        unknown ? Category.UNSUPPORTED : Category.PROTOCOL,
                        link.node() + " refused " + what + ": " + said
                                + (unknown ? "; this server, or a proxy before it, cannot be read so" : ""));
        };
    }
}
