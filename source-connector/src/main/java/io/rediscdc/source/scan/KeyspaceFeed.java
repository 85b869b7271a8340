package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.model.ChangeKey;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Keyspace notifications ({@code __keyspace@<db>__:<key>}, notify.c). There is none for FLUSHALL, FLUSHDB and SWAPDB, and
 * none for what only changes pending entries of a stream.
 */
final class KeyspaceFeed implements ChangeFeed {

    private static final byte[] CHANNEL = "__keyspace@".getBytes(StandardCharsets.US_ASCII);
    private static final int MESSAGE_PARTS = 4;

    private final ScanLink link;
    private final ScanOptions options;
    private final ChangedKeys changed;
    private final ScanStatus status;

    KeyspaceFeed(ScanLink link, ScanOptions options, ChangedKeys changed, ScanStatus status) {
        this.link = link;
        this.options = options;
        this.changed = changed;
        this.status = status;
    }

    @Override
    public void subscribe() {
        List<String> patterns = new ArrayList<>();
        String keys = options.match() == null ? "*" : options.match();
        if (options.databases().isEmpty()) {
            patterns.add("__keyspace@*__:" + keys);
        }
        options.databases().forEach(db -> patterns.add("__keyspace@" + db + "__:" + keys));
        RespBuffer commands = link.commands();
        commands.begin(1 + patterns.size()).arg("PSUBSCRIBE");
        patterns.forEach(commands::arg);
        link.flush();
        for (int i = 0; i < patterns.size(); i++) {
            Reply reply = link.reply();
            if (!(reply instanceof Reply.Array)) {
                throw ScanRights.refused(link, options, "PSUBSCRIBE", reply);
            }
        }
    }

    @Override
    public void listen() {
        FeedLink feed = new FeedLink(link, options);
        while (true) {
            List<Reply> message = feed.next();
            if (message != null && message.size() == MESSAGE_PARTS) {
                take(((Reply.Bulk) message.get(2)).bytes(), message.get(3).text());
            }
        }
    }

    /** @throws RedisCdcException if there are too many */
    private void take(byte[] channel, String event) {
        int at = CHANNEL.length;
        int db = 0;
        while (channel[at] >= '0' && channel[at] <= '9') {
            db = 10 * db + (channel[at++] - '0');
        }
        // "__:" follows.
        byte[] key = Arrays.copyOfRange(channel, at + 3, channel.length);
        if (options.wants(key)) {
            status.event();
            changed.add(new ChangeKey(db, key), event);
        }
    }
}
