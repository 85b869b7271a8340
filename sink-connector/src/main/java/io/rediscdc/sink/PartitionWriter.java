package io.rediscdc.sink;

import io.rediscdc.sink.target.MsetSupport;
import io.rediscdc.sink.target.RestoreSupport;
import io.rediscdc.sink.target.TargetFacts;
import io.rediscdc.sink.target.TargetServer;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;

/**
 * Applies one partition's history to the target, exactly once: on a connection of its own, in batches that carry the
 * checkpoint ({@link Outbox}), in which the {@link Intake} puts what comes next.
 *
 * <p>A batch's bytes are kept until its replies are there. Whatever goes wrong before that, the connection is dropped,
 * and the checkpoint, read on a new one, tells whether the batch was applied ({@link Resumption}).
 *
 * <p>Errors: CONNECTION where the same call can be repeated, with the records that it did not take; all others are final.
 * Not thread-safe.
 */
final class PartitionWriter implements HistoryWriter {

    private final WriterParts parts;
    private final TargetSession session;
    private final Upkeep upkeep;
    private final Standing standing = new Standing();
    private final PartitionCursor cursor;
    private final Outbox outbox;
    private final Intake intake;
    private final Resumption resumption;

    /** Null before it was asked for. */
    private RestoreSupport restore;

    /**
     * Connects to nothing yet.
     *
     * @param channel to ask the source for keys, null where there is none
     * @param letters for records that are not applied in full, null where there are none
     * @param seek moves the consumer of the partition to an offset, after the current call
     */
    PartitionWriter(
            TopicPartition partition,
            SinkConfig config,
            TargetServer server,
            RepairChannel channel,
            DeadLetters letters,
            LongConsumer seek) {
        this(partition, config, server, channel, letters, seek, System::currentTimeMillis);
    }

    /** @param clock ms since 1970 */
    PartitionWriter(
            TopicPartition partition,
            SinkConfig config,
            TargetServer server,
            RepairChannel channel,
            DeadLetters letters,
            LongConsumer seek,
            LongSupplier clock) {
        this(new WriterParts(partition, config, server, channel, letters, clock), seek);
    }

    /**
     * For a part of a cluster, which has been claimed.
     *
     * @param clock ms since 1970
     */
    PartitionWriter(
            TopicPartition partition,
            SinkConfig config,
            SlotShare share,
            RepairChannel channel,
            DeadLetters letters,
            LongConsumer seek,
            WriterMetrics metrics,
            LongSupplier clock) {
        this(new WriterParts(partition, config, share, channel, letters, metrics, clock), seek);
    }

    private PartitionWriter(WriterParts parts, LongConsumer seek) {
        this.parts = parts;
        this.session = parts.session;
        this.upkeep = parts.upkeep;
        this.cursor = new PartitionCursor(seek);
        this.outbox = new Outbox(parts, standing, cursor, this::notApplied);
        this.intake = new Intake(parts, standing, cursor, outbox, this::open);
        this.resumption = new Resumption(parts, standing, cursor, outbox, intake);
    }

    @Override
    public WriterMetrics metrics() {
        return parts.metrics;
    }

    @Override
    public void open() {
        if (session.isConnected()) {
            return;
        }
        try {
            TargetFacts facts = session.connect();
            restore = RestoreSupport.ask(session.connection(), parts.key.probe(), restore);
            parts.encoder.target(facts, restore, joinsSets(), databases());
            parts.stream.target(facts);
            parts.omissions.reconnected();
            parts.mark.use(parts.routing == null
                    && session.mode() == DeliveryMode.EXACTLY_ONCE
                    && session.connection().answers(FailureMark.COUNT, parts.key.bytes()));
            parts.losses.connected(parts.mark.isUsed() ? session.connection().losses() : null);
            Checkpoint found = session.watch();
            if (found.stuck() != null) {
                parts.metrics.stuck();
            }
            parts.claim.refuseIfStuck(found);
            parts.tightening.reconnected();
            resumption.from(found);
        } catch (RuntimeException e) {
            session.disconnect();
            throw e;
        }
    }

    /** How many the target has, where that matters: if what is flushed as a whole has to be flushed one by one. */
    private int databases() {
        return parts.databases.dropsSome() ? session.connection().reader().databases() : 0;
    }

    /** Not where each record's replies are looked at by themselves, nor where the keys of a batch are in other slots. */
    private boolean joinsSets() {
        return parts.routing == null
                && session.mode() == DeliveryMode.EXACTLY_ONCE
                && !parts.existing.matter()
                && MsetSupport.ask(session.connection(), parts.key.probe());
    }

    /** What is under way is made anew without what the target does not know, or sent again; or somebody is to blame. */
    private void notApplied() {
        if (outbox.inFlight().isOutdated()) {
            resumption.startAt(standing.durable());
        } else {
            open();
        }
    }

    @Override
    public void startOfPut() {
        cursor.startOfPut();
        parts.expiry.now(parts.clock.getAsLong());
    }

    @Override
    public boolean isRepositioned() {
        return cursor.isMoved();
    }

    @Override
    public void deliverAgainFrom(long offset) {
        if (!cursor.isMoved()) {
            cursor.moveTo(offset);
        }
    }

    /** Where to begin, if nothing has been applied. */
    void beginAt(long offset) {
        cursor.beginAt(offset);
    }

    @Override
    public void write(Delivery delivery) {
        if (cursor.isMoved()) {
            return;
        }
        open();
        if (!cursor.isMoved() && outbox.isFull()) {
            outbox.send();
        }
        if (cursor.isMoved()) {
            return;
        }
        if (standing.isAtBegin()) {
            cursor.beginWith(delivery);
        }
        intake.add(delivery);
    }

    @Override
    public void flush() {
        if (cursor.isMoved()) {
            return;
        }
        open();
        if (!cursor.isMoved()) {
            intake.goOn();
        }
        if (cursor.isMoved() || parts.stream.isOpen()) {
            return;
        }
        outbox.flush();
        if (upkeep.isDue() || (upkeep.isWaiting() && !isAwaiting())) {
            if (outbox.settleAll()) {
                standing.reach(upkeep.run(standing.durable()));
            }
        }
    }

    @Override
    public boolean isBusy() {
        return isAwaiting() || !session.isConnected() || (upkeep.isDue() && !parts.stream.isOpen());
    }

    /** Whether nothing has been applied. */
    boolean isAtBegin() {
        return standing.isClaimed() && standing.isAtBegin();
    }

    /** Whether the replies to a batch have not been looked at. */
    boolean isAwaiting() {
        return !outbox.inFlight().isNone();
    }

    @Override
    public boolean isWaiting() {
        return upkeep.isWaiting();
    }

    @Override
    public long confirmed() {
        outbox.look();
        return cursor.confirmed();
    }

    @Override
    public void close() {
        session.close();
        standing.close();
    }
}
