package io.rediscdc.sink;

import io.rediscdc.command.CommandTable;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.sink.expiry.Expiry;
import io.rediscdc.sink.state.StateWriter;
import io.rediscdc.sink.target.RestoreSupport;
import io.rediscdc.sink.target.Target;
import io.rediscdc.sink.target.TargetFacts;
import io.rediscdc.sink.target.TargetServer;
import io.rediscdc.slot.SlotRanges;
import java.util.List;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies one partition's history to the target, exactly once: on a connection of its own, in batches that carry the
 * checkpoint. One batch is under way while the next is being encoded; more must not be, since a batch that fails would
 * be followed by the next.
 *
 * <p>A batch's bytes are kept until its replies are there. Whatever goes wrong before that, the connection is dropped,
 * and the checkpoint, read on a new one, tells whether the batch was applied ({@link #resume}).
 *
 * <p>Errors: CONNECTION where the same call can be repeated, with the records that it did not take; all others are final.
 * Not thread-safe.
 */
final class PartitionWriter implements HistoryWriter {

    private static final Logger log = LoggerFactory.getLogger(PartitionWriter.class);

    private final TopicPartition partition;
    private final SinkConfig config;
    private final LongConsumer seek;
    private final LongSupplier clock;
    private final CheckpointKey key;
    private final WriterErrors errors;
    private final TargetSession session;
    private final FailureMark mark;
    private final LargeValues large;
    private final View view;
    private final Admission admission;
    private final ChangeEncoder encoder;
    private final CheckpointClaim claim;
    private final CommandStream stream;
    private final HeldBack heldBack;
    private final Expiry expiry = new Expiry();
    private final Repairs repairs;
    private final Omissions omissions;
    private final Scripts scripts;
    private final ExistingKeys existing;
    private final BatchInFlight inFlight;
    private final SideWrite writes;
    private final Tightening tightening;
    private final Upkeep upkeep;
    private final HangUps hangUps = new HangUps();
    private final WriterMetrics metrics;

    /** Null where the target is no cluster. */
    private final SlotRouting routing;

    /** Null where the target is no cluster. */
    private final SlotYielding yielding;

    /** Whether a key that the target has can be this writer's. */
    private final Predicate<byte[]> isOurs;

    /** What the target is known to hold. Null until the checkpoint has been claimed. */
    private Checkpoint durable;

    private Progress progress;
    private Batch current;
    private Batch spare;

    /** Offset up to which everything is in the target or was there before; -1 if unknown. */
    private long confirmed = -1;

    /** First offset that was delivered to a flow that has applied nothing. */
    private long begin = -1;

    /** Offset before which records are only looked at, to know an open snapshot's keys again; -1 for none. */
    private long rereadUntil = -1;

    private boolean repositioned;

    /** Offset of the last record that was taken since the consumer was moved: with all before it, it may come again. */
    private long taken = -1;

    /** Of which shard a command is being streamed, null for none. */
    private Shard streaming;

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
        this(
                partition,
                config,
                server,
                new CheckpointKey(config.flow(), partition),
                null,
                channel,
                letters,
                seek,
                new WriterMetrics(),
                clock);
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
        this(partition, config, share.node(), share.key(), share, channel, letters, seek, metrics, clock);
    }

    private PartitionWriter(
            TopicPartition partition,
            SinkConfig config,
            Target server,
            CheckpointKey key,
            SlotShare share,
            RepairChannel channel,
            DeadLetters letters,
            LongConsumer seek,
            WriterMetrics metrics,
            LongSupplier clock) {
        this.clock = clock;
        this.partition = partition;
        this.config = config;
        this.seek = seek;
        this.key = key;
        this.metrics = metrics;
        String address =
                share == null ? config.connection().server() : share.address().toString();
        this.errors = new WriterErrors(key, config.delivery(), address);
        this.session = new TargetSession(
                key,
                config.delivery(),
                server,
                address,
                config.connection().commandTimeoutMs(),
                errors,
                metrics,
                share);
        this.mark = FailureMark.unused(key);
        this.claim = new CheckpointClaim(key, session, errors, share);
        this.repairs = new Repairs(key, channel, metrics);
        this.routing = share == null ? null : new SlotRouting(share, config.crossSlotPolicy(), repairs);
        this.yielding = share == null ? null : new SlotYielding(share);
        this.omissions = new Omissions(partition, address, config.unsupportedPolicy(), letters, repairs, metrics);
        this.scripts = new Scripts(key);
        this.large = new LargeValues(key, expiry, config.mergePolicy(), config.streamIds(), omissions::omit);
        this.view = new View(key);
        this.admission = new Admission(view, repairs, large, metrics);
        this.encoder = new ChangeEncoder(
                key,
                expiry,
                mark,
                omissions,
                scripts,
                new StateWriter(config.writeMode(), config.mergePolicy(), config.streamIds(), omissions::omit),
                large,
                config.streamIds());
        this.stream =
                new CommandStream(key, session, mark, expiry, repairs, omissions, scripts, config, admission::isInView);
        this.heldBack = new HeldBack(config.transactionMaxBytes());
        this.existing = new ExistingKeys(config.existsPolicy(), address, metrics);
        this.inFlight = new BatchInFlight(key, session, claim, errors, metrics, repairs, omissions, this::yieldSlots);
        this.writes = new SideWrite(session, claim, errors);
        this.isOurs = share == null ? view::isHere : found -> share.has(found) && view.isHere(found);
        this.tightening = new Tightening(partition, session, writes, expiry, isOurs);
        this.upkeep = new Upkeep(session, writes, expiry, tightening, repairs);
        this.current = session.newBatch(mark);
        this.spare = session.newBatch(mark);
    }

    @Override
    public WriterMetrics metrics() {
        return metrics;
    }

    @Override
    public void open() {
        if (session.isConnected()) {
            return;
        }
        try {
            TargetFacts facts = session.connect();
            restore = RestoreSupport.ask(session.connection(), key.probe(), restore);
            encoder.target(facts, restore);
            stream.target(facts);
            omissions.reconnected();
            mark.use(routing == null
                    && config.delivery() == DeliveryMode.EXACTLY_ONCE
                    && session.connection().answers(FailureMark.COUNT, key.bytes()));
            Checkpoint found = session.watch();
            if (found.stuck() != null) {
                metrics.stuck();
            }
            claim.refuseIfStuck(found);
            tightening.reconnected();
            if (durable == null) {
                startAt(claim.take(found));
            } else {
                progress.reconnected();
                resume(found);
            }
        } catch (RuntimeException e) {
            session.disconnect();
            throw e;
        }
    }

    @Override
    public void startOfPut() {
        repositioned = false;
        expiry.now(clock.getAsLong());
    }

    @Override
    public boolean isRepositioned() {
        return repositioned;
    }

    @Override
    public void deliverAgainFrom(long offset) {
        if (!repositioned) {
            reposition(offset);
        }
    }

    @Override
    public void write(Delivery delivery) {
        if (repositioned) {
            return;
        }
        open();
        if (!repositioned && isFull()) {
            send();
        }
        if (repositioned) {
            return;
        }
        if (durable.offset() == Checkpoint.NOTHING && begin < 0) {
            begin = delivery.offset();
        }
        takeHeldBack();
        if (repositioned) {
            return;
        }
        if (delivery.offset() <= taken) {
            metrics.skipped();
            goOnStreaming();
        } else if (streaming != null && streaming != progress.shard(delivery)) {
            heldBack.add(delivery, streaming.transaction().command().first());
            progress.holdBack(heldBack.first());
            taken = delivery.offset();
        } else {
            take(delivery);
        }
    }

    private void take(Delivery delivery) {
        boolean isNew = progress.isNext(delivery);
        Shard shard = progress.shard(delivery);
        shard.resync().see(delivery, isNew, progress.sweeps(shard));
        if (delivery.offset() + 1 >= rereadUntil) {
            rereadUntil = -1;
        }
        if (!isNew) {
            metrics.skipped();
            if (current.isEmpty() && inFlight.isNone() && !progress.isHolding()) {
                confirmed = Math.max(confirmed, delivery.offset() + 1);
            }
            return;
        }
        if (delivery.change().op() == Op.SNAPSHOT_END) {
            endSnapshot(delivery, shard.resync());
            if (repositioned) {
                return;
            }
        }
        if (delivery.change().op() == Op.FLUSH && view.isOn()) {
            flushShard(delivery, shard.resync());
            if (repositioned) {
                return;
            }
        }
        if (shard == streaming && !OpenCommand.isContinuation(delivery)) {
            stream.abandon();
            streaming = null;
        }
        progress.take(delivery);
        taken = Math.max(taken, delivery.offset());
        for (Delivery each : shard.transaction().add(delivery)) {
            add(each);
        }
        if (shard.transaction().command().isStreamed()) {
            streaming = shard;
            goOnStreaming();
        }
    }

    /** Takes what came while a command was streamed, until another one is. */
    private void takeHeldBack() {
        while (streaming == null && !heldBack.isEmpty() && !repositioned) {
            if (isFull()) {
                send();
            }
            if (!repositioned) {
                take(heldBack.first());
            }
            if (!repositioned) {
                heldBack.removeFirst();
                progress.holdBack(heldBack.isEmpty() ? null : heldBack.first());
            }
        }
    }

    /** Sends what there is of a command that is not held, if there is one. */
    private void goOnStreaming() {
        if (streaming == null) {
            return;
        }
        OpenCommand command = streaming.transaction().command();
        if (!stream.isOpen()) {
            open();
            if (!repositioned) {
                applyAll();
            }
        }
        Delivery whole = repositioned ? null : stream.send(command);
        if (whole == null) {
            return;
        }
        Batch batch = stream.batch();
        boolean isLeftOut = stream.isLeftOut();
        stream.forget();
        streaming.transaction().clear();
        streaming = null;
        if (isLeftOut) {
            add(whole);
        } else {
            admission.streamed(whole);
            progress.encoded(whole);
            launch(batch);
        }
    }

    private void add(Delivery taken) {
        expiry.see(taken.change());
        if (!admission.admits(taken)) {
            current.pass(taken, encoder);
            encoded(taken);
            return;
        }
        Delivery routed = routing == null ? taken : routing.route(taken);
        Delivery next = routed == null ? SlotRouting.passed(taken) : routed;
        apply(next);
        encoded(next);
    }

    private void encoded(Delivery next) {
        if (session.mode() == DeliveryMode.EXACTLY_ONCE
                || !large.isOpen(next.change().stamp().origin().shard())) {
            progress.encoded(next);
        }
    }

    private void apply(Delivery next) {
        repairs.see(next.change());
        if (repairs.isOn() && expiry.isRisky()) {
            current.suspects().see(next.change());
        }
        boolean first = existing.matter() && progress.shard(next).isInFirstSnapshot();
        if (first) {
            existing.check(next);
        }
        current.add(next, encoder);
        if (first) {
            existing.see(next, current);
        }
        omissions.settle(next);
    }

    @Override
    public void flush() {
        if (repositioned) {
            return;
        }
        open();
        if (!repositioned) {
            goOnStreaming();
            takeHeldBack();
        }
        if (repositioned || stream.isOpen()) {
            return;
        }
        if (!current.isEmpty()) {
            send();
        } else if (!inFlight.isNone()) {
            settle();
        }
        if (upkeep.isDue() || (upkeep.isWaiting() && inFlight.isNone())) {
            while (!inFlight.isNone() && !repositioned) {
                settle();
            }
            if (!repositioned) {
                durable = upkeep.run(durable);
            }
        }
    }

    @Override
    public boolean isBusy() {
        return !inFlight.isNone() || !session.isConnected() || (upkeep.isDue() && !stream.isOpen());
    }

    /** Whether nothing has been applied, and nothing has come. */
    boolean beginsWithWhatComes() {
        return begin < 0 && durable != null && durable.offset() == Checkpoint.NOTHING;
    }

    /** Whether the replies to a batch have not been looked at. */
    boolean isAwaiting() {
        return !inFlight.isNone();
    }

    @Override
    public boolean isWaiting() {
        return upkeep.isWaiting();
    }

    @Override
    public long confirmed() {
        if (inFlight.isApplied()) {
            applied();
        }
        return rereadUntil < 0 ? confirmed : -1;
    }

    @Override
    public void close() {
        session.close();
        if (progress != null) {
            progress.close();
        }
    }

    /** Everything before it is applied first, and what the snapshot does not have is removed. */
    private void endSnapshot(Delivery end, Resync resync) {
        resync.check(end);
        if (resync.isDue() && applyAll()) {
            resync.finish(durable);
        }
    }

    /** Everything before it is applied first, and the shard's keys are removed. */
    private void flushShard(Delivery flush, Resync resync) {
        Command command = flush.change().command();
        if (command.tx() != null && !(command.tx().index() == 0 && command.tx().last())) {
            throw errors.flushInTransaction(flush);
        }
        boolean all = CommandTable.standard().spec(command.args()).name().equals("flushall");
        if (applyAll()) {
            resync.flush(durable, all ? -1 : flush.change().key().db());
        }
    }

    /** Returns whether it was possible: else records are delivered again. */
    private boolean applyAll() {
        if (!current.isEmpty()) {
            send();
        }
        while (!inFlight.isNone()) {
            settle();
        }
        return !repositioned;
    }

    private boolean isFull() {
        if (hangUps.isOneByOne()) {
            return !current.isEmpty();
        }
        return current.isOver()
                || current.bytes() >= config.batchMaxBytes()
                || current.records() >= config.batchMaxRecords();
    }

    /** Ends the current batch and sends it, after the one before has been applied. */
    private void send() {
        while (!inFlight.isNone()) {
            settle();
        }
        if (repositioned) {
            return;
        }
        yieldSlots(current);
        omissions.awaitReports();
        repairs.examine(session.connection(), current.suspects());
        session.checkDatabases(current.databases());
        existing.examine(session.connection(), current);
        launch(current);
        current = spare;
        spare = null;
    }

    /** Before a batch is sent: what of it, and of the one after it, is for slots that are being moved away, waits. */
    private void yieldSlots(Batch batch) {
        if (yielding != null) {
            SlotRanges lost = yielding.giveUp(session.connection(), List.of(batch, current), existing.matter());
            large.forget(lost);
        }
    }

    private void launch(Batch batch) {
        repairs.note(batch);
        view.note(batch);
        metrics.moved(view.movedKeys());
        scripts.note(batch);
        scripts.nextBatch();
        batch.seal(progress.checkpoint(expiry.state(), large.open(), view, claim.self()), System.currentTimeMillis());
        inFlight.launch(batch);
    }

    /** Looks at the replies to the batch that is under way. If they are clean, it is applied and no longer under way. */
    private void settle() {
        if (inFlight.settle()) {
            applied();
        } else if (inFlight.isOutdated()) {
            startAt(durable);
        } else {
            open(); // says who changed the checkpoint, or sends the batch again
        }
    }

    private void applied() {
        durable = inFlight.checkpoint();
        confirmed = durable.offset();
        hangUps.applied(confirmed);
        Batch landed = inFlight.land();
        metrics.applied(landed);
        recycle(landed);
    }

    private void recycle(Batch batch) {
        batch.clear();
        spare = batch;
    }

    /** Where to begin, if nothing has been applied. */
    void beginAt(long offset) {
        begin = offset;
    }

    private void startAt(Checkpoint checkpoint) {
        durable = checkpoint;
        metrics.startedAt(checkpoint);
        if (progress != null) {
            progress.close();
        }
        progress = new Progress(checkpoint, config.targetExclusive(), this::open);
        large.startAt(checkpoint);
        rereadUntil = -1;
        expiry.startAt(checkpoint.ttl(), checkpoint.openSnapshots());
        repairs.load(checkpoint, session.connection());
        view.startAt(checkpoint, session.connection());
        scripts.load(session.connection());
        long from = progress.rereadFrom(checkpoint.offset());
        taken = -1;
        streaming = null;
        stream.forget();
        heldBack.clear();
        current.clear();
        existing.clear();
        if (!inFlight.isNone()) {
            recycle(inFlight.land());
        }
        if (checkpoint.offset() != Checkpoint.NOTHING) {
            confirmed = checkpoint.offset();
            reposition(from);
            log.info("{}: continues at offset {}, where the checkpoint {} stands", partition, confirmed, key);
            if (from < confirmed) {
                rereadUntil = confirmed;
                log.info("{}: reads again from offset {} on, to know the keys of the open snapshot", partition, from);
            }
        } else if (begin >= 0) {
            confirmed = begin;
            reposition(begin);
        }
    }

    private Shard open(String name, ShardPoint from) {
        return new Shard(
                from,
                new OpenTransaction(config.transactionMaxBytes(), routing == null),
                new Resync(from, key, config, session, writes, metrics, new ShardScope(name, view, repairs, isOurs)));
    }

    private void startAgainAt(Checkpoint checkpoint) {
        metrics.rewound();
        startAt(checkpoint);
    }

    private void reposition(long offset) {
        seek.accept(offset);
        repositioned = true;
    }

    /** Goes on with a new connection, from what the checkpoint says has been applied. */
    private void resume(Checkpoint found) {
        claim.checkStillOurs(found);
        if (found.isMissing()) {
            if (durable.offset() != Checkpoint.NOTHING) {
                throw errors.checkpointIsGone();
            }
            startAgainAt(claim.take(found)); // flushed before anything had been applied
        } else if (found.writer().term() < claim.self().term()) {
            log.warn("{}: the target lost its last writes, among them our claim; delivering again", partition);
            metrics.lostWrites();
            startAgainAt(claim.take(found));
        } else if (!found.writer().equals(claim.self())) {
            throw claim.takenOverBy(found.writer());
        } else if (!inFlight.isNone() && found.isAt(inFlight.checkpoint()) && !durable.isAt(inFlight.checkpoint())) {
            inFlight.applyUnseen(found.offset());
            applied();
        } else if (!found.isAt(durable)) {
            log.warn(
                    "{}: the target went back from offset {} to {}; delivering again from there",
                    partition,
                    durable.offset(),
                    found.offset());
            metrics.lostWrites();
            startAgainAt(found);
        } else if (!inFlight.isNone() && inFlight.isRefused()) {
            repeat(found);
        } else if (!inFlight.isNone()) {
            sendAgain(found);
        } else if (stream.isOpen()) {
            streamAgain(found);
        }
    }

    private void streamAgain(Checkpoint found) {
        hangUps.add();
        if (hangUps.suggestTheEndOfALargeOne()) {
            throw errors.hungUp(
                    hangUps.count(), streaming.transaction().command().first(), stream.bytes());
        }
        startAt(found); // where the command begins
    }

    private void sendAgain(Checkpoint found) {
        hangUps.add();
        Delivery indivisible = inFlight.indivisible();
        if (indivisible == null && hangUps.suggestOneByOne()) {
            log.warn(
                    "{}: the connection was lost {} times in a row over the same {} bytes, which the target did not apply;"
                            + " sending the records up to offset {} one by one",
                    partition,
                    hangUps.count(),
                    inFlight.bytes(),
                    inFlight.checkpoint().offset());
            hangUps.sendOneByOneUntil(inFlight.checkpoint().offset());
            startAt(found);
        } else if (indivisible != null && hangUps.suggestTheEnd()) {
            throw errors.hungUp(hangUps.count(), indivisible, inFlight.bytes());
        } else {
            repeat(found);
        }
    }

    private void repeat(Checkpoint found) {
        if (inFlight.cannotBeRepeated()) {
            startAt(found); // where the large value begins
        } else {
            inFlight.launchAgain();
        }
    }
}
