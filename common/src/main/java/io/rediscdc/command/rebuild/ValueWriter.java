package io.rediscdc.command.rebuild;

import io.rediscdc.format.rdb.value.StreamVisitor;
import io.rediscdc.format.rdb.value.ValueVisitor;

/**
 * Turns a value, element by element, into the commands that write it to a key. The key must not exist when the first
 * command runs (a temporary one, to be renamed); key expiry is not part of the value. Call {@link #finish} behind the
 * last element. Not thread-safe.
 *
 * <p>An empty list, set, sorted set or hash gives no command: such a key does not exist. A hash whose fields have all
 * expired when the commands run leaves no key either.
 *
 * <p>Streams are written in the order they come: entries before groups. A target with {@link
 * TargetAbilities#claimNeedsEntry} then refuses pending entries that the stream does not have any more; see
 * {@link Unsupported#PENDING_WITHOUT_ENTRY}, and {@link ValueRebuild} for the way around it.
 */
public final class ValueWriter implements ValueVisitor {

    private static final byte[] SET = Arguments.of("SET");
    private static final byte[] APPEND = Arguments.of("APPEND");
    private static final byte[] RPUSH = Arguments.of("RPUSH");
    private static final byte[] SADD = Arguments.of("SADD");
    private static final byte[] ZADD = Arguments.of("ZADD");
    private static final byte[] HSET = Arguments.of("HSET");
    private static final byte[] HMSET = Arguments.of("HMSET");

    /** The latest that Redis lets a hash field expire, in the year 4199 (src/ebuckets.h); Valkey takes more. */
    private static final long LATEST_FIELD_EXPIRY_MS = (1L << 46) - 2;

    private final byte[] key;
    private final TargetAbilities target;
    private final RebuildLimits limits;
    private final RebuildOutput to;
    private final StreamWriter.Part streamPart;
    private final CommandCollector commands;
    private final FieldExpiries expiries;
    private boolean stringBegun;
    private StreamWriter stream;

    public ValueWriter(byte[] key, TargetAbilities target, RebuildLimits limits, RebuildOutput to) {
        this(key, target, limits, to, StreamWriter.Part.ALL);
    }

    ValueWriter(
            byte[] key, TargetAbilities target, RebuildLimits limits, RebuildOutput to, StreamWriter.Part streamPart) {
        this.key = key;
        this.target = target;
        this.limits = limits;
        this.to = to;
        this.streamPart = streamPart;
        this.commands = new CommandCollector(limits, to);
        this.expiries = new FieldExpiries(key, limits, commands, to);
    }

    /** Writes what is still gathered. */
    public void finish() {
        commands.flush();
        expiries.flush();
        if (stream != null) {
            stream.finish();
        }
    }

    @Override
    public void string(byte[] piece, boolean last) {
        to.command(new byte[][] {stringBegun ? APPEND : SET, key, piece});
        stringBegun = true;
    }

    @Override
    public void listElement(byte[] element) {
        begin(RPUSH);
        commands.add(element);
    }

    @Override
    public void setMember(byte[] member) {
        begin(SADD);
        commands.add(member);
    }

    @Override
    public void zsetMember(byte[] member, double score) {
        if (Double.isNaN(score)) {
            to.unsupported(Unsupported.NAN_SCORE);
            return;
        }
        begin(ZADD);
        commands.add(Arguments.score(score), member);
    }

    @Override
    public void hashField(byte[] field, byte[] value, long expireAtMs) {
        begin(target.wideHset() ? HSET : HMSET);
        commands.add(field, value);
        if (expireAtMs != NEVER) {
            if (target.hashFieldExpiry() && expireAtMs <= LATEST_FIELD_EXPIRY_MS) {
                expiries.add(field, expireAtMs);
            } else {
                to.unsupported(Unsupported.HASH_FIELD_EXPIRY);
            }
        }
    }

    @Override
    public StreamVisitor stream() {
        stream = new StreamWriter(key, target, limits, to, streamPart);
        return stream;
    }

    /** Whether it was a stream with groups. */
    boolean hasGroups() {
        return stream != null && stream.hasGroups();
    }

    private void begin(byte[] name) {
        if (!commands.hasBegun()) {
            commands.begin(name, key);
        }
    }
}
