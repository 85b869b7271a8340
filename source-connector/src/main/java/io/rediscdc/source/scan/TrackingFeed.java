package io.rediscdc.source.scan;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.ChangeKey;
import java.util.List;

/**
 * Invalidations for client-side caches ({@code CLIENT TRACKING ON BCAST}, tracking.c; Redis 6 and later), redirected to a
 * connection that subscribes to them. They name keys without their databases, and need no configuration of the server.
 */
final class TrackingFeed implements ChangeFeed {

    /** Stands for: of any database. */
    static final int ANY_DB = -1;

    private static final String CHANNEL = "__redis__:invalidate";
    private static final int MESSAGE_PARTS = 3;

    private final ScanLink tracked;
    private final ScanLink link;
    private final ScanOptions options;
    private final ChangedKeys changed;
    private final ScanStatus status;

    /** The server does not look at it here; null for all keys. */
    private final Glob match;

    /** @param tracked the connection for which the server keeps track: it has to live as long */
    TrackingFeed(ScanLink tracked, ScanLink link, ScanOptions options, ChangedKeys changed, ScanStatus status) {
        this.tracked = tracked;
        this.link = link;
        this.options = options;
        this.changed = changed;
        this.status = status;
        this.match = options.match() == null ? null : new Glob(options.match());
    }

    @Override
    public void subscribe() {
        Reply id = link.call("CLIENT", "ID");
        if (!(id instanceof Reply.Int)) {
            throw ScanRights.refused(link, options, "CLIENT ID", id);
        }
        Reply subscribed = link.call("SUBSCRIBE", CHANNEL);
        if (!(subscribed instanceof Reply.Array)) {
            throw ScanRights.refused(link, options, "SUBSCRIBE", subscribed);
        }
        Reply tracking = tracked.call("CLIENT", "TRACKING", "ON", "REDIRECT", id.text(), "BCAST");
        if (tracking.isFailure()) {
            throw ScanRights.refused(tracked, options, "CLIENT TRACKING", tracking);
        }
    }

    @Override
    public void listen() {
        FeedLink feed = new FeedLink(link, options);
        while (true) {
            List<Reply> message = feed.next();
            if (message != null && message.size() == MESSAGE_PARTS) {
                take(message.get(2));
            }
        }
    }

    private void take(Reply keys) {
        if (keys instanceof Reply.Nil) {
            throw new ChangesMissedException("all keys of a database have been removed");
        }
        if (keys instanceof Reply.Array array) {
            for (Reply key : array.elements()) {
                byte[] bytes = ((Reply.Bulk) key).bytes();
                if (options.wants(bytes) && (match == null || match.matches(bytes))) {
                    status.event();
                    changed.add(new ChangeKey(ANY_DB, bytes), "");
                }
            }
        }
    }
}
