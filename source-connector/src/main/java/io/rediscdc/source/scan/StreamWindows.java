package io.rediscdc.source.scan;

import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;
import io.rediscdc.format.resp.Reply;
import java.util.List;
import java.util.Map;

/**
 * Reads a stream by its commands: entries, then what XINFO and XPENDING tell. When consumers were last seen is counted back
 * from now, by this machine's clock. Not thread-safe.
 */
final class StreamWindows {

    private static final int COUNT = 200;
    private static final byte[] XINFO = ScanLink.ascii("XINFO");
    private static final byte[] STREAM = ScanLink.ascii("STREAM");
    private static final byte[] GROUPS = ScanLink.ascii("GROUPS");
    private static final byte[] CONSUMERS = ScanLink.ascii("CONSUMERS");

    private final ScanLink link;
    private final ScanOptions options;

    StreamWindows(ScanLink link, ScanOptions options) {
        this.link = link;
        this.options = options;
    }

    void read(byte[] key, StreamVisitor to) {
        entries(key, to);
        to.info(FullStream.info(FullStream.fields(call("XINFO STREAM", XINFO, STREAM, key))));
        for (Reply group : FullStream.elements(call("XINFO GROUPS", XINFO, GROUPS, key))) {
            Map<String, Reply> said = FullStream.fields(group);
            byte[] name = WindowReader.bytes(said.get("name"));
            FullStream.group(said, to);
            for (Reply consumer : FullStream.elements(call("XINFO CONSUMERS", XINFO, CONSUMERS, key, name))) {
                consumer(key, name, FullStream.fields(consumer), to);
            }
        }
    }

    private void entries(byte[] key, StreamVisitor to) {
        String from = "-";
        List<Reply> window;
        do {
            link.commands()
                    .begin(6)
                    .arg("XRANGE")
                    .arg(key)
                    .arg(from)
                    .arg("+")
                    .arg("COUNT")
                    .arg(COUNT);
            link.flush();
            window = FullStream.elements(answer("XRANGE"));
            for (Reply entry : window) {
                FullStream.entry(entry, to);
                from = next(FullStream.id(FullStream.elements(entry).get(0)));
            }
        } while (window.size() == COUNT);
    }

    private void consumer(byte[] key, byte[] group, Map<String, Reply> said, StreamVisitor to) {
        long nowMs = System.currentTimeMillis();
        byte[] name = WindowReader.bytes(said.get("name"));
        long activeMs = said.get("inactive") instanceof Reply.Int inactive && inactive.value() >= 0
                ? nowMs - inactive.value()
                : StreamVisitor.UNKNOWN;
        to.consumer(name, nowMs - FullStream.number(said.get("idle")), activeMs);
        String from = "-";
        List<Reply> window;
        do {
            link.commands()
                    .begin(7)
                    .arg("XPENDING")
                    .arg(key)
                    .arg(group)
                    .arg(from)
                    .arg("+")
                    .arg(COUNT)
                    .arg(name);
            link.flush();
            window = FullStream.elements(answer("XPENDING"));
            for (Reply pending : window) {
                List<Reply> parts = FullStream.elements(pending);
                StreamId id = FullStream.id(parts.get(0));
                to.pending(id, nowMs - FullStream.number(parts.get(2)), FullStream.number(parts.get(3)));
                from = next(id);
            }
        } while (window.size() == COUNT);
    }

    private Reply call(String what, byte[]... args) {
        link.commands().command(args);
        link.flush();
        return answer(what);
    }

    private Reply answer(String what) {
        Reply reply = link.reply();
        if (!(reply instanceof Reply.Array)) {
            throw ScanRights.refused(link, options, what, reply);
        }
        return reply;
    }

    private static String next(StreamId id) {
        StreamId next = id.seq() == -1 ? new StreamId(id.ms() + 1, 0) : new StreamId(id.ms(), id.seq() + 1);
        return next.toString();
    }
}
