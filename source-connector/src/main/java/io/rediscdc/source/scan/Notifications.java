package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The server's {@code notify-keyspace-events}. */
final class Notifications {

    private static final Logger LOG = LoggerFactory.getLogger(Notifications.class);
    private static final String OPTION = "notify-keyspace-events";

    /** Of keys: all kinds of events of all types that every version knows. */
    private static final String KINDS = "g$lshzxet";

    private Notifications() {}

    /**
     * What is to be added to the flags, empty for nothing.
     *
     * @param flags as the server has them
     */
    static String missing(String flags) {
        StringBuilder missing = new StringBuilder();
        if (flags.indexOf('K') < 0) {
            missing.append('K');
        }
        for (int i = 0; i < KINDS.length(); i++) {
            if (flags.indexOf('A') < 0 && flags.indexOf(KINDS.charAt(i)) < 0) {
                return missing.append('A').toString();
            }
        }
        return missing.toString();
    }

    /** The flags, null if the user may not ask for them. */
    static String flags(ScanLink link) {
        Reply reply = link.call("CONFIG", "GET", OPTION);
        return reply instanceof Reply.Array array && array.elements().size() == 2
                ? array.elements().get(1).text()
                : null;
    }

    /**
     * Makes sure that the server sends what is needed.
     *
     * @return what the flags were before they were changed here; null if they were not
     * @throws RedisCdcException CONFIG if it does not
     */
    static String require(ScanLink link, ScanOptions options) {
        String flags = flags(link);
        if (flags == null) {
            LOG.warn(
                    "{} does not say what its {} is: if it lacks one of the flags KA, changes are missed",
                    link.node(),
                    OPTION);
            return null;
        }
        String missing = missing(flags);
        if (missing.isEmpty()) {
            return null;
        }
        if (!options.live().configures()) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    "the server " + link.node() + " has " + OPTION + " \"" + flags
                            + "\" and does not tell of all changes;"
                            + " set it there (CONFIG SET " + OPTION + " " + flags + missing
                            + ", and in its configuration file), or set notify.configure=true, or"
                            + " live.feed=tracking, which needs no such setting");
        }
        Reply set = link.call("CONFIG", "SET", OPTION, flags + missing);
        if (set.isFailure()) {
            throw ScanRights.refused(link, options, "CONFIG SET " + OPTION, set);
        }
        LOG.info("Set {} of {} to {}; it was \"{}\"", OPTION, link.node(), flags + missing, flags);
        return flags;
    }

    /** Sets the flags back, if nobody else has changed them. */
    static void restore(ScanLink link, String before) {
        String flags = flags(link);
        if (flags != null && missing(flags).isEmpty() && !missing(before).isEmpty()) {
            Reply reply = link.call("CONFIG", "SET", OPTION, before);
            if (reply.isFailure()) {
                LOG.warn("{} of {} stays as it is: {}", OPTION, link.node(), reply.text());
            } else {
                LOG.info("Set {} of {} back to \"{}\"", OPTION, link.node(), before);
            }
        }
    }

    /** Whether the server still sends them. */
    static boolean areOn(ScanLink link) {
        String flags = flags(link);
        return flags == null || missing(flags).isEmpty();
    }
}
