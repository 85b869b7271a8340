package io.rediscdc.source.capture;

import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.model.Stamp;
import java.util.Arrays;
import java.util.List;

/**
 * Links each record of a shard to the one before it in its partition, so that a reader notices when one is missing.
 * What is filtered out gets no stamp, and so leaves no hole.
 *
 * <p>The links are settled where the history can be resumed; what was stamped after that is stamped again, alike, when
 * it is read again.
 */
public final class Chain {

    private final Position[] last;
    private final Position[] settled;
    private final boolean linked;

    /** Goes on behind the last record of each partition. */
    public Chain(List<Position> last) {
        this(last, true);
    }

    /**
     * The same.
     *
     * @param linked whether records are linked at all: in a compacted topic, those before are not there
     */
    public Chain(List<Position> last, boolean linked) {
        this.linked = linked;
        this.last = last.toArray(Position[]::new);
        this.settled = this.last.clone();
    }

    /** The next record's place, linked to the one before. */
    public Stamp stamp(int partition, Origin origin, Position position, Integer slot, long tsMs) {
        Position prev = linked ? last[partition] : Position.NONE;
        last[partition] = position;
        return new Stamp(origin, position, prev, null, slot, null, null, tsMs, null, partition);
    }

    /** Makes all links so far part of the point to resume from. */
    public void settle() {
        System.arraycopy(last, 0, settled, 0, last.length);
    }

    /** Whether records name the one before. */
    public boolean isLinked() {
        return linked;
    }

    public int partitions() {
        return last.length;
    }

    public Position last(int partition) {
        return last[partition];
    }

    /** The settled links; a copy. */
    public List<Position> settled() {
        return Arrays.asList(settled.clone());
    }
}
