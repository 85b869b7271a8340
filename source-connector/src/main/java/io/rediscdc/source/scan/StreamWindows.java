package io.rediscdc.source.scan;

import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;
import io.rediscdc.format.resp.Reply;
import java.util.HashMap;
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
        Map<String, Reply> facts = fields(call("XINFO STREAM", XINFO, STREAM, key));
        to.info(new StreamVisitor.Info(
                number(facts.get("length")), id(facts.get("last-generated-id")), counters(facts)));
        for (Reply group : elements(call("XINFO GROUPS", XINFO, GROUPS, key))) {
            Map<String, Reply> said = fields(group);
            byte[] name = WindowReader.bytes(said.get("name"));
            to.group(
                    name,
                    id(said.get("last-delivered-id")),
                    said.get("entries-read") instanceof Reply.Int read ? read.value() : StreamVisitor.UNKNOWN);
            for (Reply consumer : elements(call("XINFO CONSUMERS", XINFO, CONSUMERS, key, name))) {
                consumer(key, name, fields(consumer), to);
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
            window = elements(answer("XRANGE"));
            for (Reply entry : window) {
                List<Reply> parts = elements(entry);
                List<Reply> fields = elements(parts.get(1));
                byte[][] fieldsAndValues = new byte[fields.size()][];
                for (int i = 0; i < fieldsAndValues.length; i++) {
                    fieldsAndValues[i] = WindowReader.bytes(fields.get(i));
                }
                StreamId id = id(parts.get(0));
                to.entry(id, fieldsAndValues);
                from = next(id);
            }
        } while (window.size() == COUNT);
    }

    private void consumer(byte[] key, byte[] group, Map<String, Reply> said, StreamVisitor to) {
        long nowMs = System.currentTimeMillis();
        byte[] name = WindowReader.bytes(said.get("name"));
        long activeMs = said.get("inactive") instanceof Reply.Int inactive && inactive.value() >= 0
                ? nowMs - inactive.value()
                : StreamVisitor.UNKNOWN;
        to.consumer(name, nowMs - number(said.get("idle")), activeMs);
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
            window = elements(answer("XPENDING"));
            for (Reply pending : window) {
                List<Reply> parts = elements(pending);
                StreamId id = id(parts.get(0));
                to.pending(id, nowMs - number(parts.get(2)), number(parts.get(3)));
                from = next(id);
            }
        } while (window.size() == COUNT);
    }

    /** Before 7.0 there are none. */
    private static StreamVisitor.Counters counters(Map<String, Reply> facts) {
        if (!facts.containsKey("entries-added")) {
            return null;
        }
        return new StreamVisitor.Counters(
                id(facts.get("recorded-first-entry-id")),
                id(facts.get("max-deleted-entry-id")),
                number(facts.get("entries-added")));
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

    private static List<Reply> elements(Reply reply) {
        return ((Reply.Array) reply).elements();
    }

    /** A flat array of names and values. */
    private static Map<String, Reply> fields(Reply reply) {
        List<Reply> flat = elements(reply);
        Map<String, Reply> fields = new HashMap<>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            fields.put(flat.get(i).text(), flat.get(i + 1));
        }
        return fields;
    }

    private static StreamId id(Reply reply) {
        return StreamId.parse(reply.text());
    }

    private static long number(Reply reply) {
        return ((Reply.Int) reply).value();
    }

    private static String next(StreamId id) {
        StreamId next = id.seq() == -1 ? new StreamId(id.ms() + 1, 0) : new StreamId(id.ms(), id.seq() + 1);
        return next.toString();
    }
}
