package io.rediscdc.fuzz;

import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;
import io.rediscdc.format.rdb.value.ValueVisitor;

/**
 * A number for all that a value consists of, without keeping any of it. Of long elements only length and ends count: a small
 * payload can name a large field again and again.
 */
final class Fingerprint implements ValueVisitor, StreamVisitor {

    private static final int SAMPLE = 32;

    private long hash = 1;

    long value() {
        return hash;
    }

    @Override
    public void string(byte[] piece, boolean last) {
        for (byte b : piece) {
            mix(b);
        }
        if (last) {
            mix(-1);
        }
    }

    @Override
    public void listElement(byte[] element) {
        mix('l', element);
    }

    @Override
    public void setMember(byte[] member) {
        mix('m', member);
    }

    @Override
    public void zsetMember(byte[] member, double score) {
        mix('z', member);
        mix(Double.doubleToLongBits(score));
    }

    @Override
    public void hashField(byte[] field, byte[] value, long expireAtMs) {
        mix('h', field);
        mix('v', value);
        mix(expireAtMs);
    }

    @Override
    public StreamVisitor stream() {
        return this;
    }

    @Override
    public void entry(StreamId id, byte[][] fieldsAndValues) {
        mix(id);
        for (byte[] bytes : fieldsAndValues) {
            mix('e', bytes);
        }
    }

    @Override
    public void info(Info info) {
        mix(info.hashCode());
    }

    @Override
    public void group(byte[] name, StreamId lastId, long entriesRead) {
        mix('g', name);
        mix(lastId);
        mix(entriesRead);
    }

    @Override
    public void consumer(byte[] name, long seenMs, long activeMs) {
        mix('c', name);
        mix(seenMs);
        mix(activeMs);
    }

    @Override
    public void pending(StreamId id, long deliveredMs, long deliveries) {
        mix(id);
        mix(deliveredMs);
        mix(deliveries);
    }

    @Override
    public void producer(byte[] name) {
        mix('p', name);
    }

    @Override
    public void producedId(byte[] id, StreamId entry) {
        mix('i', id);
        mix(entry);
    }

    private void mix(char kind, byte[] bytes) {
        mix(kind);
        mix(bytes.length);
        int sample = Math.min(bytes.length, SAMPLE);
        for (int i = 0; i < sample; i++) {
            mix(bytes[i]);
            mix(bytes[bytes.length - 1 - i]);
        }
    }

    private void mix(StreamId id) {
        mix(id.ms());
        mix(id.seq());
    }

    private void mix(long number) {
        hash = hash * 0x9E3779B97F4A7C15L + number;
        hash ^= hash >>> 29;
    }
}
