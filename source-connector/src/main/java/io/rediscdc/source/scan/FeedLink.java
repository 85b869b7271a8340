package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import java.util.List;
import java.util.concurrent.TimeUnit;

/** A connection with subscriptions, that is known to live. Not thread-safe. */
final class FeedLink {

    private static final int WAIT_MS = 1_000;
    private static final long PING_NANOS = TimeUnit.SECONDS.toNanos(5);

    private final ScanLink link;
    private final long patienceNanos;
    private long lastHeard = System.nanoTime();
    private long lastPing = lastHeard;

    FeedLink(ScanLink link, ScanOptions options) {
        this.link = link;
        this.patienceNanos = PING_NANOS + TimeUnit.MILLISECONDS.toNanos(options.commandTimeoutMs());
    }

    /** The next message, with what it is at its head; null if there is none for now. */
    List<Reply> next() {
        Reply reply = link.message(WAIT_MS);
        long now = System.nanoTime();
        if (reply == null) {
            if (now - lastHeard > patienceNanos) {
                throw new RedisCdcException(
                        Category.CONNECTION, link.node() + " does not answer on the connection for notifications");
            }
            if (now - lastHeard > PING_NANOS && now - lastPing > PING_NANOS) {
                lastPing = now;
                link.commands().command("PING");
                link.flush();
            }
            return null;
        }
        lastHeard = now;
        return reply instanceof Reply.Array array ? array.elements() : null;
    }
}
