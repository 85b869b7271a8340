package io.rediscdc.sink;

import io.rediscdc.sink.expiry.Expiry;
import java.util.concurrent.TimeUnit;

/**
 * What a writer does at the target beside applying changes, between two batches: expire times are brought down, and keys
 * that differ are asked of the source. Not thread-safe.
 */
final class Upkeep {

    /** How long one call may take; changes wait meanwhile. */
    private static final long SLICE_NANOS = TimeUnit.MILLISECONDS.toNanos(20);

    private final TargetSession session;
    private final SideWrite writes;
    private final Expiry expiry;
    private final Tightening tightening;
    private final Repairs repairs;

    Upkeep(TargetSession session, SideWrite writes, Expiry expiry, Tightening tightening, Repairs repairs) {

        this.session = session;
        this.writes = writes;
        this.expiry = expiry;
        this.tightening = tightening;
        this.repairs = repairs;
    }

    /** Whether there is something to do at once. */
    boolean isDue() {
        return expiry.isTighteningDue() || repairs.hasNews();
    }

    /** Whether there is something to be looked at now and then. */
    boolean isWaiting() {
        return repairs.isOn() && repairs.areOwed() && !expiry.isBehind();
    }

    /**
     * Does some of it.
     *
     * @param durable the checkpoint as it stands
     * @return the checkpoint as it stands then
     * @throws io.rediscdc.error.RedisCdcException CONNECTION, TARGET_REJECTED
     */
    Checkpoint run(Checkpoint durable) {
        Checkpoint now = durable;
        if (repairs.hasNews()) {
            note(durable);
        }
        if (isWaiting()) {
            repairs.ask(session.connection(), expiry.nowMs());
        }
        long end = System.nanoTime() + SLICE_NANOS;
        while (expiry.isTighteningDue() && System.nanoTime() - end < 0) {
            now = tightening.step(now);
        }
        return now;
    }

    private void note(Checkpoint durable) {
        Batch batch = writes.batch();
        repairs.note(batch);
        try {
            writes.run(batch, durable);
        } catch (RuntimeException e) {
            repairs.noteAgain();
            throw e;
        }
    }
}
