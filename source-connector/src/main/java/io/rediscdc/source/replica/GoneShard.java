package io.rediscdc.source.replica;

import io.rediscdc.model.Change;
import io.rediscdc.model.Origin;
import io.rediscdc.slot.SlotRanges;
import io.rediscdc.source.capture.Capture;
import io.rediscdc.source.capture.Chain;
import io.rediscdc.source.capture.Stamper;
import io.rediscdc.source.cluster.Ownership;
import java.util.List;
import java.util.function.LongSupplier;

/**
 * A shard of a cluster that is one no more: nobody has its history. All there is left to say is that it owns no slots, so that
 * others are taken for their only owners. A sink believes it when it is said again after {@value #PAUSE_MS} ms in which nothing
 * of these slots came: so it is said twice.
 */
public final class GoneShard implements Capture {

    /** More than the sink's 10 s. */
    static final long PAUSE_MS = 11_000;

    private static final int TIMES = 2;

    private final ResumePoint from;
    private final Chain chain;
    private final Stamper stamper;
    private final LongSupplier clock;
    private int said;
    private long saidMs;
    private volatile boolean closed;

    /**
     * Says nothing yet.
     *
     * @param from where its history has been read to
     * @param clock ms since 1970
     */
    public GoneShard(String shard, ResumePoint from, LongSupplier clock) {
        this.from = from;
        this.chain = new Chain(from.last());
        this.stamper = new Stamper(chain, new Origin(shard, null, from.replid()), from.epoch(), () -> null);
        this.clock = clock;
    }

    @Override
    public void read(List<Change> into, int max, long waitMs, long gatherUntilNanos) {
        long now = clock.getAsLong();
        boolean nothingKnown = from.epoch() == 0; // it was never read
        if (closed || nothingKnown || said == TIMES || now - saidMs < PAUSE_MS) {
            return;
        }
        for (int partition = 0; partition < chain.partitions(); partition++) {
            into.add(stamper.ownership(
                    partition,
                    new Ownership(SlotRanges.NONE, 0),
                    chain.last(partition).offset(),
                    now));
        }
        chain.settle();
        said++;
        saidMs = now;
    }

    /** Where the history goes on, should it come back. */
    public ResumePoint resumePoint() {
        return new ResumePoint(from.replid(), from.offset(), from.db(), from.epoch(), chain.settled(), from.tsMs());
    }

    @Override
    public boolean drained() {
        return true;
    }

    @Override
    public long readBytes() {
        return 0;
    }

    @Override
    public void close() {
        closed = true;
    }
}
