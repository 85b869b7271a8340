package io.rediscdc.format.rdb.value;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.io.ByteArrayOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;

/** A value as lines of text, one an element; what has no order is sorted. Consumers' times are left out. */
public final class CanonicalValue implements ValueVisitor, StreamVisitor {

    private final ByteArrayOutputStream string = new ByteArrayOutputStream();
    private final List<String> lines = new ArrayList<>();
    private boolean ordered;
    private final boolean deliveryTimes;

    private String group;
    private String consumer;
    private int consumers;
    private boolean producers;

    /** With the times of deliveries, too, if told: no fixture has them. */
    public CanonicalValue(boolean deliveryTimes) {
        this.deliveryTimes = deliveryTimes;
    }

    public List<String> lines() {
        endGroup();
        List<String> result = new ArrayList<>(lines);
        if (!ordered) {
            Collections.sort(result);
        }
        return result;
    }

    public String digest() throws NoSuchAlgorithmException {
        String text = String.join("\n", lines()) + "\n";
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(text.getBytes(UTF_8)));
    }

    @Override
    public void string(byte[] piece, boolean last) {
        string.writeBytes(piece);
        ordered = true;
        if (last) {
            lines.add("s " + text(string.toByteArray()));
        }
    }

    @Override
    public void listElement(byte[] element) {
        ordered = true;
        lines.add("l " + text(element));
    }

    @Override
    public void setMember(byte[] member) {
        lines.add("m " + text(member));
    }

    @Override
    public void zsetMember(byte[] member, double score) {
        lines.add(String.format("z %s %016x", text(member), Double.doubleToLongBits(score)));
    }

    @Override
    public void hashField(byte[] field, byte[] value, long expireAtMs) {
        lines.add("h " + text(field) + " " + text(value) + " " + (expireAtMs == NEVER ? "-" : expireAtMs));
    }

    @Override
    public StreamVisitor stream() {
        return this;
    }

    @Override
    public void entry(StreamId id, byte[][] fieldsAndValues) {
        StringBuilder line = new StringBuilder("e " + id);
        for (byte[] bytes : fieldsAndValues) {
            line.append(' ').append(text(bytes));
        }
        lines.add(line.toString());
    }

    @Override
    public void info(Info info) {
        Counters counters = info.counters();
        lines.add("i " + info.length() + " " + info.lastId()
                + (counters == null
                        ? ""
                        : " " + counters.firstId() + " " + counters.maxDeletedId() + " " + counters.entriesAdded()));
    }

    @Override
    public void group(byte[] name, StreamId lastId, long entriesRead) {
        endGroup();
        group = text(name);
        lines.add("g " + group + " " + lastId + " " + (entriesRead == UNKNOWN ? "-" : entriesRead));
    }

    @Override
    public void consumer(byte[] name, long seenMs, long activeMs) {
        consumer = text(name);
        consumers++;
        if (deliveryTimes) {
            lines.add("n " + group + " " + consumer);
        }
    }

    @Override
    public void pending(StreamId id, long deliveredMs, long deliveries) {
        lines.add(
                "p " + group + " " + id + " " + consumer + " " + deliveries + (deliveryTimes ? " " + deliveredMs : ""));
    }

    @Override
    public void producedId(byte[] id, StreamId entry) {
        producers = true;
    }

    /** Whether a stream remembers what producers have added, of which no line tells. */
    public boolean hasProducers() {
        return producers;
    }

    private void endGroup() {
        if (group != null) {
            lines.add("c " + group + " " + consumers);
            group = null;
            consumers = 0;
        }
    }

    private static String text(byte[] bytes) {
        return Base64.getEncoder().encodeToString(bytes);
    }
}
