package io.rediscdc.format.rdb.value;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;

/** All that a decoder says, in its order, a line each; pieces of a string are put together. */
public final class EventLog implements ValueVisitor, StreamVisitor {

    private final List<String> lines = new ArrayList<>();
    private final ByteArrayOutputStream string = new ByteArrayOutputStream();

    public List<String> lines() {
        return lines;
    }

    @Override
    public void string(byte[] piece, boolean last) {
        string.writeBytes(piece);
        if (last) {
            lines.add("string " + text(string.toByteArray()));
            string.reset();
        }
    }

    @Override
    public void listElement(byte[] element) {
        lines.add("element " + text(element));
    }

    @Override
    public void setMember(byte[] member) {
        lines.add("member " + text(member));
    }

    @Override
    public void zsetMember(byte[] member, double score) {
        lines.add("scored " + text(member) + " " + Double.doubleToLongBits(score));
    }

    @Override
    public void hashField(byte[] field, byte[] value, long expireAtMs) {
        lines.add("field " + text(field) + " " + text(value) + " " + expireAtMs);
    }

    @Override
    public StreamVisitor stream() {
        lines.add("stream");
        return this;
    }

    @Override
    public void entry(StreamId id, byte[][] fieldsAndValues) {
        StringBuilder line = new StringBuilder("entry " + id);
        for (byte[] bytes : fieldsAndValues) {
            line.append(' ').append(text(bytes));
        }
        lines.add(line.toString());
    }

    @Override
    public void info(Info info) {
        lines.add(info.toString());
    }

    @Override
    public void group(byte[] name, StreamId lastId, long entriesRead) {
        lines.add("group " + text(name) + " " + lastId + " " + entriesRead);
    }

    @Override
    public void consumer(byte[] name, long seenMs, long activeMs) {
        lines.add("consumer " + text(name) + " " + seenMs + " " + activeMs);
    }

    @Override
    public void pending(StreamId id, long deliveredMs, long deliveries) {
        lines.add("pending " + id + " " + deliveredMs + " " + deliveries);
    }

    @Override
    public void idempotence(long durationSeconds, long maxEntries) {
        lines.add("idempotence " + durationSeconds + " " + maxEntries);
    }

    @Override
    public void producer(byte[] name) {
        lines.add("producer " + text(name));
    }

    @Override
    public void producedId(byte[] id, StreamId entry) {
        lines.add("produced " + text(id) + " " + entry);
    }

    @Override
    public void idempotenceCounts(long recorded, long duplicates) {
        lines.add("recorded " + recorded + " " + duplicates);
    }

    private static String text(byte[] bytes) {
        return HexFormat.of().formatHex(bytes);
    }
}
