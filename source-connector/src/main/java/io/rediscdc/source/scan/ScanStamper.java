package io.rediscdc.source.scan;

import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.source.capture.Chain;
import io.rediscdc.source.capture.Stamper;
import io.rediscdc.source.cluster.Ownership;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/**
 * Gives the changes their positions: the offset is a running number within the epoch, and each is linked to the one before in
 * its partition. Counts the keys of a snapshot.
 *
 * <p>What was handed out and is not in the stored offset is read again after a restart, and can then be something else. So
 * no number is used twice: after a restart they go on at the microseconds since the epoch began, which no run has reached.
 */
final class ScanStamper {

    private static final int[] NO_KEYS = {};
    private static final byte[][] LOAD = {
        "FUNCTION".getBytes(StandardCharsets.US_ASCII),
        "LOAD".getBytes(StandardCharsets.US_ASCII),
        "REPLACE".getBytes(StandardCharsets.US_ASCII)
    };

    private final Chain chain;
    private final Stamper stamper;
    private long number;

    /** Per partition, keys handed out since the snapshot's begin; null where that is not known. */
    private final long[] keys;

    /** Per partition, where it stood when it was last looked whether it is quiet. */
    private final Position[] looked;

    private ScanStamper(
            Origin origin,
            long epoch,
            List<Position> last,
            Supplier<Ownership> owned,
            long number,
            boolean linked,
            boolean counts) {
        this.chain = new Chain(last, linked);
        this.stamper = new Stamper(chain, origin, epoch, owned);
        this.number = number;
        this.keys = counts ? new long[last.size()] : null;
        this.looked = new Position[last.size()];
    }

    /**
     * For a new epoch.
     *
     * @param last positions of the last record of every partition
     * @param owned which slots the shard has now; null where it is no cluster's
     * @param linked whether records are linked and keys counted: where compaction removes some, neither can be
     */
    static ScanStamper anew(
            Origin origin, long formerEpoch, List<Position> last, Supplier<Ownership> owned, boolean linked) {
        long epoch = Math.max(System.currentTimeMillis(), formerEpoch + 1);
        return new ScanStamper(origin, epoch, last, owned, 0, linked, linked);
    }

    /** For an epoch that goes on. */
    static ScanStamper goingOn(
            Origin origin, long epoch, List<Position> last, Supplier<Ownership> owned, boolean linked) {
        long reached = TimeUnit.MILLISECONDS.toMicros(Math.max(0, System.currentTimeMillis() - epoch));
        for (Position position : last) {
            reached = Math.max(reached, position.epoch() == epoch ? position.offset() : 0);
        }
        return new ScanStamper(origin, epoch, last, owned, reached, linked, false);
    }

    long epoch() {
        return stamper.epoch();
    }

    /** Positions of the last record of every partition. */
    List<Position> last() {
        chain.settle();
        return chain.settled();
    }

    List<Change> begin(String serverVersion) {
        List<Change> begins = new ArrayList<>();
        for (int partition = 0; partition < chain.partitions(); partition++) {
            begins.add(stamper.snapshotBegin(partition, serverVersion, ++number, 0, now()));
        }
        return begins;
    }

    List<Change> end() {
        List<Long> counts = keys == null ? null : Arrays.stream(keys).boxed().toList();
        List<Change> ends = new ArrayList<>();
        for (int partition = 0; partition < chain.partitions(); partition++) {
            ends.add(stamper.snapshotEnd(partition, counts, ++number, 0, now()));
        }
        return ends;
    }

    /** How many keys were handed out since the snapshot's begin; -1 if that is not known. */
    long keys() {
        return keys == null ? -1 : Arrays.stream(keys).sum();
    }

    /** For the partitions without a record since this was asked last. */
    List<Change> heartbeats() {
        List<Change> heartbeats = new ArrayList<>();
        for (int partition = 0; partition < looked.length; partition++) {
            if (looked.length == 1 || chain.last(partition).equals(looked[partition])) {
                heartbeats.add(stamper.heartbeat(partition, ++number, now()));
            }
            looked[partition] = chain.last(partition);
        }
        return heartbeats;
    }

    /** Says to each partition which slots the shard has. */
    List<Change> ownership(Ownership owns) {
        List<Change> heartbeats = new ArrayList<>();
        for (int partition = 0; partition < looked.length; partition++) {
            heartbeats.add(stamper.ownership(partition, owns, ++number, now()));
        }
        return heartbeats;
    }

    Change library(byte[] code) {
        Command load = new Command(new byte[][] {LOAD[0], LOAD[1], LOAD[2], code}, NO_KEYS, null);
        return stamper.keyless(0, Op.FUNCTION, 0, ++number, 0, now(), load);
    }

    /** Null where nothing is to be said. */
    Change of(KeyState found) {
        ChangeKey key = found.key();
        if (found.state() == null && !found.deleted()) {
            return null;
        }
        if (keys != null && found.state() != null && found.state().isComplete()) {
            keys[stamper.partition(key.key())]++;
        }
        if (found.askedMs() > 0) {
            return stamper.state(key, found.state(), ++number, found.askedMs());
        }
        if (found.state() == null) {
            return Change.del(key, stamper.keyed(key, ++number, 0, now()));
        }
        return Change.set(key, stamper.keyed(key, ++number, 0, now()), found.state());
    }

    private static long now() {
        return System.currentTimeMillis();
    }
}
