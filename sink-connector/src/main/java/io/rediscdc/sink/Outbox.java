package io.rediscdc.sink;

import io.rediscdc.slot.SlotRanges;
import java.util.List;

/**
 * The batches of a writer: one is being encoded while another one is under way. More must not be, since a batch that fails
 * would be followed by the next. Not thread-safe.
 */
final class Outbox {

    private final WriterParts parts;
    private final Standing standing;
    private final PartitionCursor cursor;
    private final HangUps hangUps;
    private final BatchInFlight inFlight;
    private final Runnable notApplied;
    private final int maxBytes;
    private final int maxRecords;

    private Batch current;
    private Batch spare;

    /**
     * Connects to nothing.
     *
     * @param notApplied called where replies say that the batch under way was not applied, but that the writer can go on:
     *     sends it again, or forgets it and moves the consumer
     */
    Outbox(WriterParts parts, Standing standing, PartitionCursor cursor, Runnable notApplied) {
        this.parts = parts;
        this.standing = standing;
        this.cursor = cursor;
        this.hangUps = parts.hangUps;
        this.notApplied = notApplied;
        this.maxBytes = parts.config.batchMaxBytes();
        this.maxRecords = parts.config.batchMaxRecords();
        this.inFlight = new BatchInFlight(
                parts.key,
                parts.session,
                parts.claim,
                parts.errors,
                parts.metrics,
                parts.repairs,
                parts.divergences,
                parts.omissions,
                this::yieldSlots);
        this.current = parts.session.newBatch(parts.mark);
        this.spare = parts.session.newBatch(parts.mark);
    }

    /** The one that is being encoded. */
    Batch current() {
        return current;
    }

    BatchInFlight inFlight() {
        return inFlight;
    }

    boolean isEmpty() {
        return current.isEmpty() && inFlight.isNone();
    }

    /** Whether the current one is to be sent before anything is added. */
    boolean isFull() {
        if (hangUps.isOneByOne()) {
            return !current.isEmpty();
        }
        return current.isOver() || current.bytes() >= maxBytes || current.records() >= maxRecords;
    }

    /** Sends what has been encoded, or looks at the replies to what was sent. */
    void flush() {
        if (!current.isEmpty()) {
            send();
        } else if (!inFlight.isNone()) {
            settle();
        }
    }

    /** Ends the current batch and sends it, after the one before has been applied. */
    void send() {
        if (!settleAll()) {
            return;
        }
        yieldSlots(current);
        parts.omissions.awaitReports();
        parts.divergences.examine(parts.session.connection(), current.suspects());
        parts.session.checkDatabases(current.databases());
        parts.existing.examine(parts.session.connection(), current);
        launch(current);
        current = spare;
        spare = null;
    }

    /** Returns whether everything that was added has been applied: else records are delivered again. */
    boolean applyAll() {
        if (!current.isEmpty()) {
            send();
        }
        return settleAll();
    }

    /** Returns whether nothing is under way any more, and the current batch goes on. */
    boolean settleAll() {
        while (!inFlight.isNone() && !cursor.isMoved()) {
            settle();
        }
        return !cursor.isMoved();
    }

    /** Before a batch is sent: what of it, and of the one after it, is for slots that are being moved away, waits. */
    private void yieldSlots(Batch batch) {
        if (parts.yielding != null) {
            SlotRanges lost =
                    parts.yielding.giveUp(parts.session.connection(), List.of(batch, current), parts.existing.matter());
            parts.large.forget(lost);
        }
    }

    /** Puts the checkpoint into a batch and sends it, while no other is under way. */
    void launch(Batch batch) {
        parts.repairs.note(batch);
        parts.view.note(batch);
        parts.metrics.moved(parts.view.movedKeys());
        parts.scripts.note(batch);
        parts.scripts.nextBatch();
        Checkpoint checkpoint = standing.progress()
                .checkpoint(
                        parts.expiry.state(),
                        parts.losses.atRest(),
                        parts.large.open(),
                        parts.view,
                        parts.claim.self());
        if (parts.divergences.areLossesAsked()) {
            batch.countLosses();
        }
        batch.seal(checkpoint, System.currentTimeMillis());
        inFlight.launch(batch);
    }

    /** Looks at the replies to the batch that is under way. If they are clean, it is applied and no longer under way. */
    private void settle() {
        if (inFlight.settle()) {
            applied();
        } else {
            notApplied.run();
        }
    }

    /** Waits for replies, without complaining where they say that something is wrong. */
    void look() {
        if (inFlight.isApplied()) {
            applied();
        }
    }

    /** The target has what is under way. */
    void applied() {
        Checkpoint reached = inFlight.checkpoint();
        standing.reach(reached);
        cursor.confirm(reached);
        hangUps.applied(reached.offset());
        Batch landed = inFlight.land();
        parts.metrics.applied(landed);
        recycle(landed);
    }

    /** Forgets all. */
    void clear() {
        current.clear();
        parts.existing.clear();
        if (!inFlight.isNone()) {
            recycle(inFlight.land());
        }
    }

    private void recycle(Batch batch) {
        batch.clear();
        spare = batch;
    }
}
