package io.rediscdc.sink;

import io.rediscdc.command.Flush;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;

/**
 * Takes the records of a partition in their order: puts what comes next into the batch that is being encoded, or sends it piece
 * by piece where it is too large for one. What comes from other shards meanwhile is held back. Not thread-safe.
 */
final class Intake {

    private final WriterParts parts;
    private final CommandStream stream;
    private final Standing standing;
    private final PartitionCursor cursor;
    private final Outbox outbox;
    private final BatchFiller filler;
    private final HeldBack heldBack;
    private final Runnable connecting;

    /** Of which shard a command is being streamed, null for none. */
    private Shard streaming;

    /** @param connecting connects, if there is no connection */
    Intake(WriterParts parts, Standing standing, PartitionCursor cursor, Outbox outbox, Runnable connecting) {
        this.parts = parts;
        this.stream = parts.stream;
        this.standing = standing;
        this.cursor = cursor;
        this.outbox = outbox;
        this.filler = new BatchFiller(parts, standing, outbox);
        this.heldBack = new HeldBack(parts.config.transactionMaxBytes());
        this.connecting = connecting;
    }

    /** Takes a record, unless the consumer is moved before that. */
    void add(Delivery delivery) {
        takeHeldBack();
        if (cursor.isMoved()) {
            return;
        }
        if (cursor.isTaken(delivery)) {
            parts.metrics.skipped();
            goOnStreaming();
        } else if (streaming != null && streaming != standing.progress().shard(delivery)) {
            heldBack.add(delivery, firstStreamed());
            standing.progress().holdBack(heldBack.first());
            cursor.take(delivery);
        } else {
            take(delivery);
        }
    }

    /** Goes on with what has been taken and could not be sent, or not be added. */
    void goOn() {
        goOnStreaming();
        takeHeldBack();
    }

    /** Takes what came while a command was streamed, until another one is. */
    private void takeHeldBack() {
        while (streaming == null && !heldBack.isEmpty() && !cursor.isMoved()) {
            if (outbox.isFull()) {
                outbox.send();
            }
            if (!cursor.isMoved()) {
                take(heldBack.first());
            }
            if (!cursor.isMoved()) {
                heldBack.removeFirst();
                standing.progress().holdBack(heldBack.isEmpty() ? null : heldBack.first());
            }
        }
    }

    private void take(Delivery delivery) {
        Progress progress = standing.progress();
        boolean isNew = progress.isNext(delivery);
        Shard shard = progress.shard(delivery);
        shard.resync().see(delivery, isNew, progress.sweeps(shard));
        cursor.see(delivery);
        if (!isNew) {
            parts.metrics.skipped();
            if (outbox.isEmpty() && !progress.isHolding()) {
                cursor.confirm(delivery);
            }
            return;
        }
        endBefore(delivery, shard);
        if (cursor.isMoved()) {
            return;
        }
        if (shard == streaming && !OpenCommand.isContinuation(delivery)) {
            stream.abandon();
            streaming = null;
        }
        standing.progress().take(delivery);
        cursor.take(delivery);
        for (Delivery each : shard.transaction().add(delivery)) {
            filler.add(each);
        }
        if (shard.transaction().command().isStreamed()) {
            streaming = shard;
            goOnStreaming();
        }
    }

    /** Where keys have to be removed for a record, everything before it is applied first. */
    private void endBefore(Delivery delivery, Shard shard) {
        if (delivery.change().op() == Op.SNAPSHOT_END) {
            endSnapshot(delivery, shard.resync());
        } else if (delivery.change().op() == Op.FLUSH
                && parts.view.isOn()
                && delivery.change().key().db() != DatabaseMap.DROPPED) {
            flushShard(delivery, shard.resync());
        }
    }

    /** What the snapshot does not have is removed. */
    private void endSnapshot(Delivery end, Resync resync) {
        resync.check(end);
        if (resync.isDue() && outbox.applyAll()) {
            resync.finish(standing.durable(), end.change().stamp());
        }
    }

    /** The shard's keys are removed. */
    private void flushShard(Delivery flush, Resync resync) {
        Command command = flush.change().command();
        if (command.tx() != null && !(command.tx().index() == 0 && command.tx().last())) {
            throw parts.errors.flushInTransaction(flush);
        }
        boolean all = Flush.isOfAllDatabases(command.args());
        if (outbox.applyAll()) {
            resync.flush(
                    standing.durable(),
                    flush.change().stamp(),
                    all ? -1 : flush.change().key().db());
        }
    }

    /** Sends what there is of a command that is not held, if there is one. */
    private void goOnStreaming() {
        if (streaming == null) {
            return;
        }
        OpenCommand command = streaming.transaction().command();
        if (!stream.isOpen()) {
            connecting.run();
            if (!cursor.isMoved()) {
                outbox.applyAll();
            }
        }
        Delivery whole = cursor.isMoved() ? null : stream.send(command);
        if (whole != null) {
            endStream(whole);
        }
    }

    /** All of the command has been sent: now its batch gets its checkpoint. */
    private void endStream(Delivery whole) {
        Batch batch = stream.batch();
        boolean isLeftOut = stream.isLeftOut();
        stream.forget();
        streaming.transaction().clear();
        streaming = null;
        if (isLeftOut) {
            filler.add(whole);
        } else {
            parts.admission.streamed(whole);
            standing.progress().encoded(whole);
            outbox.launch(batch);
        }
    }

    /** The record of the first piece of the command that is being streamed. */
    Delivery firstStreamed() {
        return streaming.transaction().command().first();
    }

    /** Forgets what has been taken. */
    void clear() {
        streaming = null;
        stream.forget();
        heldBack.clear();
    }
}
