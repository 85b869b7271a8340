package io.rediscdc.source.replica;

import io.rediscdc.command.piece.PieceWriter;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.rdb.LargeValueException;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.RdbReader;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Piece;
import io.rediscdc.model.Stamp;
import io.rediscdc.model.State;
import io.rediscdc.source.capture.Stamper;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Turns a snapshot, as it arrives, into changes: {@code snapshot.begin}, one state a key, function libraries and scripts,
 * {@code snapshot.end}. All have the snapshot's offset; the index counts them. A state that is too large for a record
 * comes in pieces ({@link LargeValue}). Begin and end stand in every partition; functions and scripts, which belong
 * to no slot, in the first.
 */
final class SnapshotDecoder {

    private static final Logger LOG = LoggerFactory.getLogger(SnapshotDecoder.class);
    private static final byte[] FUNCTION = ascii("FUNCTION");
    private static final byte[] SCRIPT = ascii("SCRIPT");
    private static final byte[] LOAD = ascii("LOAD");
    private static final byte[] REPLACE = ascii("REPLACE");
    private static final int[] NO_KEYS = {};

    private final Spool spool;
    private final RdbReader rdb;
    private final Stamper stamper;
    private final long offset;
    private final int maxRecordBytes;

    private String serverVersion;
    private int streamDb;
    private int begun;
    private boolean atEnd;
    private int ended;
    private RdbItem held;
    private LargeValue large;
    private long index;
    private final long[] keys;
    private final boolean compacted;

    /** @param compacted whether the topic may keep a key's last record only: it has no pieces, and nothing is counted */
    SnapshotDecoder(Spool spool, Stamper stamper, long offset, int maxRecordBytes, boolean compacted) {
        this.compacted = compacted;
        this.spool = spool;
        this.maxRecordBytes = maxRecordBytes;
        this.rdb = new RdbReader(spool, maxRecordBytes, PieceWriter.decodeLimits(maxRecordBytes));
        this.stamper = stamper;
        this.offset = offset;
        this.keys = new long[stamper.partitions()];
    }

    /** Reads one item: a change, or null if it is none. */
    Change next(long tsMs) throws IOException {
        if (large != null) {
            return piece(tsMs);
        }
        if (atEnd) {
            return end(tsMs);
        }
        RdbItem item = held == null ? read() : held;
        held = null;
        if (item instanceof RdbItem.Aux aux && !aux.name().equals("lua")) {
            note(aux);
            return null;
        }
        if (item instanceof RdbItem.ModuleAux aux) {
            LOG.warn("The snapshot has data of module {} that belongs to no key; it is not replicated", aux.module());
            return null;
        }
        if (begun < stamper.partitions() && !(item instanceof RdbItem.Header || item instanceof RdbItem.SelectDb)) {
            // The facts about the server come first in the file: what follows is the keyspace.
            held = item;
            return stamper.snapshotBegin(begun++, serverVersion, offset, index++, tsMs);
        }
        if (item instanceof RdbItem.Key key) {
            return ChangeKey.isPrivate(key.key()) ? null : state(key, tsMs);
        }
        if (item instanceof RdbItem.LargeKey key) {
            if (compacted) {
                throw tooLarge(key);
            }
            large = new LargeValue(spool, rdb, key, maxRecordBytes);
            return piece(tsMs);
        }
        if (item instanceof RdbItem.FunctionLibrary library) {
            return executable(Op.FUNCTION, tsMs, FUNCTION, LOAD, REPLACE, library.code());
        }
        if (item instanceof RdbItem.Aux script) {
            return executable(Op.SCRIPT, tsMs, SCRIPT, LOAD, script.value());
        }
        if (item instanceof RdbItem.End) {
            atEnd = true;
            return end(tsMs);
        }
        return null;
    }

    private Change end(long tsMs) {
        List<Long> counts = compacted ? null : Arrays.stream(keys).boxed().toList();
        return stamper.snapshotEnd(ended++, counts, offset, index++, tsMs);
    }

    boolean begun() {
        return begun > 0;
    }

    /** In all partitions. */
    boolean ended() {
        return ended == stamper.partitions();
    }

    /** Whether there is something that needs no more bytes. */
    boolean isDue() {
        return held != null || (atEnd && !ended());
    }

    /** Length of the snapshot so far. */
    long bytes() {
        return rdb.position();
    }

    /** The database that is selected where the stream begins: a replica does not say so there again. */
    int streamDb() {
        return streamDb;
    }

    private RdbItem read() throws IOException {
        spool.mark();
        try {
            return rdb.next();
        } catch (LargeValueException e) {
            LOG.debug("A value will come in pieces", e);
            spool.rewind();
            return rdb.nextLarge();
        }
    }

    private void note(RdbItem.Aux aux) {
        switch (aux.name()) {
            case "redis-ver", "valkey-ver" -> serverVersion = aux.text();
            case "repl-stream-db" -> streamDb = Math.max(0, Integer.parseInt(aux.text()));
            default -> LOG.debug("Snapshot: {} = {}", aux.name(), aux.text());
        }
    }

    private Change state(RdbItem.Key item, long tsMs) {
        ChangeKey key = new ChangeKey(item.db(), item.key());
        State state = new State(
                item.type().typeName(),
                item.dump(),
                rdb.flavour(),
                rdb.rdbVersion(),
                item.expires() ? item.expireAtMs() : null,
                item.idleSeconds() == RdbItem.Key.NONE ? null : item.idleSeconds(),
                item.freq() == RdbItem.Key.NONE ? null : item.freq());
        Stamp stamp = stamper.keyed(key, offset, index++, tsMs);
        keys[stamp.partition()]++;
        return Change.set(key, stamp, state);
    }

    private Change piece(long tsMs) throws IOException {
        Piece piece = large.next();
        RdbItem.LargeKey item = large.key();
        if (piece.last()) {
            large = null;
        }
        if (ChangeKey.isPrivate(item.key())) {
            return null;
        }
        if (piece.last()) {
            keys[stamper.partition(item.key())]++;
        }
        ChangeKey key = new ChangeKey(item.db(), item.key(), piece.number());
        State state = new State(
                item.type().typeName(),
                null,
                rdb.flavour(),
                rdb.rdbVersion(),
                item.expireAtMs() == RdbItem.Key.NONE ? null : item.expireAtMs(),
                item.idleSeconds() == RdbItem.Key.NONE ? null : item.idleSeconds(),
                item.freq() == RdbItem.Key.NONE ? null : item.freq(),
                piece);
        return Change.set(key, stamper.keyed(key, offset, index++, tsMs), state);
    }

    private RedisCdcException tooLarge(RdbItem.LargeKey key) {
        return new RedisCdcException(
                Category.UNSUPPORTED,
                "a value (key length " + key.key().length + ", database " + key.db() + ", type "
                        + key.type().typeName() + ") does not fit into a record of max.record.bytes (" + maxRecordBytes
                        + "): it would come in pieces, of which a compacted topic (topic.compacted) would keep those of"
                        + " values that are long gone. Raise it");
    }

    private Change executable(Op op, long tsMs, byte[]... args) {
        return stamper.keyless(0, op, 0, offset, index++, tsMs, new Command(args, NO_KEYS, null));
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
