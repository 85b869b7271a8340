package io.rediscdc.source.scan;

import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;
import io.rediscdc.format.resp.Reply;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** What XINFO STREAM ... FULL tells of a stream (Redis 6; t_stream.c): all of it, with times of the server's clock. */
final class FullStream {

    private FullStream() {}

    /** Whether nothing was left out, as COUNT may have it. */
    static boolean isWhole(Reply reply) {
        Map<String, Reply> facts = fields(reply);
        if (!(facts.get("length") instanceof Reply.Int length)
                || !(facts.get("entries") instanceof Reply.Array entries)
                || !(facts.get("groups") instanceof Reply.Array groups)
                || entries.elements().size() != length.value()) {
            return false;
        }
        for (Reply group : groups.elements()) {
            for (Reply consumer : elements(fields(group).get("consumers"))) {
                Map<String, Reply> said = fields(consumer);
                if (!(pending(said) instanceof Reply.Array pending)
                        || pending.elements().size() != number(said.get("pel-count"))) {
                    return false;
                }
            }
        }
        return true;
    }

    static void visit(Reply reply, StreamVisitor to) {
        Map<String, Reply> facts = fields(reply);
        for (Reply entry : elements(facts.get("entries"))) {
            entry(entry, to);
        }
        to.info(info(facts));
        for (Reply group : elements(facts.get("groups"))) {
            Map<String, Reply> said = fields(group);
            group(said, to);
            for (Reply consumer : elements(said.get("consumers"))) {
                consumer(fields(consumer), to);
            }
        }
    }

    static void entry(Reply entry, StreamVisitor to) {
        List<Reply> fields = elements(elements(entry).get(1));
        byte[][] fieldsAndValues = new byte[fields.size()][];
        for (int i = 0; i < fieldsAndValues.length; i++) {
            fieldsAndValues[i] = WindowReader.bytes(fields.get(i));
        }
        to.entry(id(elements(entry).get(0)), fieldsAndValues);
    }

    /** Of XINFO STREAM, FULL or not. */
    static StreamVisitor.Info info(Map<String, Reply> facts) {
        return new StreamVisitor.Info(number(facts.get("length")), id(facts.get("last-generated-id")), counters(facts));
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

    /** Of XINFO GROUPS, or of one of those that FULL has. */
    static void group(Map<String, Reply> said, StreamVisitor to) {
        to.group(
                WindowReader.bytes(said.get("name")),
                id(said.get("last-delivered-id")),
                said.get("entries-read") instanceof Reply.Int read ? read.value() : StreamVisitor.UNKNOWN);
    }

    private static void consumer(Map<String, Reply> said, StreamVisitor to) {
        long activeMs = said.get("active-time") instanceof Reply.Int active && active.value() >= 0
                ? active.value()
                : StreamVisitor.UNKNOWN;
        to.consumer(WindowReader.bytes(said.get("name")), number(said.get("seen-time")), activeMs);
        for (Reply pending : elements(pending(said))) {
            List<Reply> parts = elements(pending);
            to.pending(id(parts.get(0)), number(parts.get(1)), number(parts.get(2)));
        }
    }

    /** The servers call it pending, their documentation pel. */
    private static Reply pending(Map<String, Reply> consumer) {
        return consumer.getOrDefault("pending", consumer.get("pel"));
    }

    static List<Reply> elements(Reply reply) {
        return ((Reply.Array) reply).elements();
    }

    /** A flat array of names and values. */
    static Map<String, Reply> fields(Reply reply) {
        List<Reply> flat = elements(reply);
        Map<String, Reply> fields = new HashMap<>();
        for (int i = 0; i + 1 < flat.size(); i += 2) {
            fields.put(flat.get(i).text(), flat.get(i + 1));
        }
        return fields;
    }

    static StreamId id(Reply reply) {
        return StreamId.parse(reply.text());
    }

    static long number(Reply reply) {
        return ((Reply.Int) reply).value();
    }
}
