package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.sink.sweep.Fingerprint;
import io.rediscdc.sink.sweep.Fingerprints;
import java.nio.charset.StandardCharsets;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/**
 * What has been seen of a snapshot between its begin and its end: how many keys, and, if what it does not have is to be
 * found at the target, which. Each record counts once, however often it is delivered. Not thread-safe.
 */
final class OpenSnapshot implements AutoCloseable {

    private final long beginOffset;

    /** Null if nobody will ask which keys it has. */
    private final Fingerprints fingerprints;

    private final Set<String> libraries = new HashSet<>();
    private boolean librariesKnown = true;
    private Position last;
    private long keys;

    private OpenSnapshot(long beginOffset, Fingerprints fingerprints) {
        this.beginOffset = beginOffset;
        this.fingerprints = fingerprints;
    }

    /** One of which only the keys are counted. */
    static OpenSnapshot counted(long beginOffset) {
        return new OpenSnapshot(beginOffset, null);
    }

    /** One whose keys are remembered. */
    static OpenSnapshot remembered(long beginOffset, long memoryBytes) {
        return new OpenSnapshot(beginOffset, new Fingerprints(memoryBytes));
    }

    long beginOffset() {
        return beginOffset;
    }

    /** @throws RedisCdcException GAP if the begin is not where it was */
    void see(Delivery delivery) {
        Position position = delivery.change().stamp().position();
        Op op = delivery.change().op();
        if (last == null) {
            if (delivery.offset() == beginOffset && op == Op.SNAPSHOT_BEGIN) {
                last = position;
            } else if (delivery.offset() >= beginOffset) {
                throw new RedisCdcException(
                        Category.GAP,
                        "the snapshot that begins at " + delivery.partition() + "@" + beginOffset
                                + " is being applied, but that record is no longer in the topic (the next is "
                                + delivery.place() + "), so that its keys cannot be told from those that vanished;"
                                + " let the source make a new snapshot, then " + Rewind.HOW);
            }
            return;
        }
        if (!position.isAfter(last)) {
            return;
        }
        last = position;
        if (op == Op.SET && delivery.change().state().isComplete()) {
            keys++;
            if (fingerprints != null) {
                fingerprints.add(Fingerprint.of(
                        delivery.change().key().db(), delivery.change().key().key()));
            }
        } else if (op == Op.FUNCTION && delivery.change().command().piece() == null) {
            library(delivery.change().command().args());
        }
    }

    /** @throws RedisCdcException GAP if the snapshot had another number of keys than its end says */
    void checkCount(Delivery end) {
        List<Long> counts = end.change().snapshot().counts();
        int partition = end.partition().partition();
        if (counts != null && partition < counts.size() && counts.get(partition) != keys) {
            throw new RedisCdcException(
                    Category.GAP,
                    "the snapshot from " + end.partition() + "@" + beginOffset + " to " + end.place() + " has " + keys
                            + " keys, but its end says " + counts.get(partition)
                            + ": records are missing or were filtered out on the way; let the source make a new snapshot,"
                            + " then " + Rewind.HOW);
        }
    }

    boolean isRemembered() {
        return fingerprints != null;
    }

    Fingerprints fingerprints() {
        return fingerprints;
    }

    long keys() {
        return keys;
    }

    /** Whether it has this function library, or may have. */
    boolean mayHaveLibrary(String name) {
        return !librariesKnown || libraries.contains(name);
    }

    @Override
    public void close() {
        if (fingerprints != null) {
            fingerprints.close();
        }
    }

    /** The first line of a library's code says {@code #!<engine> name=<name>}. */
    private void library(byte[][] args) {
        byte[] code = args[args.length - 1];
        int end = 0;
        while (end < code.length && code[end] != '\n') {
            end++;
        }
        for (String word : new String(code, 0, end, StandardCharsets.UTF_8).split("\\s+", -1)) {
            if (word.toLowerCase(Locale.ROOT).startsWith("name=")) {
                libraries.add(word.substring("name=".length()));
                return;
            }
        }
        librariesKnown = false;
    }
}
