package io.rediscdc.sink;

import io.rediscdc.sink.expiry.Expiry;
import io.rediscdc.sink.expiry.Losses;
import io.rediscdc.sink.state.StateWriter;
import io.rediscdc.sink.target.Target;
import io.rediscdc.sink.target.TargetServer;
import io.rediscdc.slot.Slot;
import java.util.function.LongSupplier;
import java.util.function.Predicate;
import org.apache.kafka.common.TopicPartition;

/** What the writer of a partition is made of. Each part knows those that it needs. Not thread-safe. */
final class WriterParts {

    final TopicPartition partition;
    final SinkConfig config;
    final CheckpointKey key;
    final WriterMetrics metrics;

    /** Now, ms since 1970. */
    final LongSupplier clock;

    final WriterErrors errors;
    final TargetSession session;
    final FailureMark mark;
    final CheckpointClaim claim;
    final Expiry expiry = new Expiry();
    final Losses losses = new Losses();
    final HangUps hangUps = new HangUps();
    final Repairs repairs;
    final Divergences divergences;
    final Omissions omissions;
    final Scripts scripts;
    final LargeValues large;
    final View view;
    final Admission admission;
    final ChangeEncoder encoder;
    final CommandStream stream;
    final ExistingKeys existing;
    final Upkeep upkeep;
    final Tightening tightening;

    final DatabaseMap databases;
    final DatabaseRouting databaseRouting;

    /** Null where the target is no cluster. */
    final SlotRouting routing;

    /** Null where the target is no cluster. */
    final SlotYielding yielding;

    private final SideWrite writes;

    /** Of the keys that the target has, those that can be this writer's. */
    private final ShardScope.Part part;

    /** For a target that is no cluster; the rest is as in the other. */
    WriterParts(
            TopicPartition partition,
            SinkConfig config,
            TargetServer server,
            RepairChannel channel,
            DeadLetters letters,
            LongSupplier clock) {
        this(
                partition,
                config,
                server,
                config.connection().server(),
                new CheckpointKey(config.flow(), partition),
                null,
                channel,
                letters,
                new WriterMetrics(),
                clock);
    }

    /**
     * For a part of a cluster, which has been claimed.
     *
     * @param channel to ask the source for keys, null where there is none
     * @param letters for records that are not applied in full, null where there are none
     * @param clock ms since 1970
     */
    WriterParts(
            TopicPartition partition,
            SinkConfig config,
            SlotShare share,
            RepairChannel channel,
            DeadLetters letters,
            WriterMetrics metrics,
            LongSupplier clock) {
        this(
                partition,
                config,
                share.node(),
                share.address().toString(),
                share.key(),
                share,
                channel,
                letters,
                metrics,
                clock);
    }

    private WriterParts(
            TopicPartition partition,
            SinkConfig config,
            Target server,
            String address,
            CheckpointKey key,
            SlotShare share,
            RepairChannel channel,
            DeadLetters letters,
            WriterMetrics metrics,
            LongSupplier clock) {
        this.partition = partition;
        this.config = config;
        this.key = key;
        this.metrics = metrics;
        this.clock = clock;
        errors = new WriterErrors(key, config.delivery(), address);
        session = new TargetSession(
                key,
                config.delivery(),
                server,
                address,
                config.connection().commandTimeoutMs(),
                errors,
                metrics,
                share);
        mark = FailureMark.unused(key);
        claim = new CheckpointClaim(key, session, errors, share);
        databases = config.databases();
        Predicate<byte[]> isWrittenHere = share == null ? any -> true : share::has;
        repairs = new Repairs(key, channel, metrics, isWrittenHere);
        divergences = new Divergences(key, repairs, expiry, losses, metrics);
        databaseRouting = new DatabaseRouting(databases, divergences, isWrittenHere, metrics);
        routing = share == null ? null : new SlotRouting(share, config.crossSlotPolicy(), divergences, databases);
        yielding = share == null ? null : new SlotYielding(share);
        omissions = new Omissions(partition, address, config.unsupportedPolicy(), letters, divergences, metrics);
        scripts = new Scripts(key);
        large = new LargeValues(key, expiry, config.mergePolicy(), config.streamIds(), omissions::omit);
        view = new View(key);
        admission = new Admission(view, repairs, large, metrics);
        encoder = new ChangeEncoder(
                key,
                expiry,
                mark,
                omissions,
                scripts,
                new StateWriter(config.writeMode(), config.mergePolicy(), config.streamIds(), omissions::omit),
                large,
                config.streamIds(),
                databases);
        stream = new CommandStream(
                key,
                session,
                mark,
                expiry,
                repairs,
                divergences,
                omissions,
                scripts,
                config,
                databaseRouting,
                admission::isInView);
        existing = new ExistingKeys(config.existsPolicy(), address, metrics);
        writes = new SideWrite(session, claim, errors);
        part = share == null
                ? (found, record) -> view.isHere(found)
                : (found, record) -> share.takes(Slot.of(found), record) && view.isHere(found);
        tightening = new Tightening(
                partition,
                session,
                writes,
                expiry,
                databases,
                found -> isWrittenHere.test(found) && view.isHere(found));
        upkeep = new Upkeep(session, writes, expiry, tightening, repairs);
    }

    /** A shard of the partition, at a point of its history. */
    Shard newShard(String name, ShardPoint from) {
        return new Shard(
                from,
                new OpenTransaction(config.transactionMaxBytes(), routing == null),
                new Resync(
                        from,
                        key,
                        config,
                        session,
                        writes,
                        metrics,
                        new ShardScope(name, view, repairs, databases, part)));
    }

    /** Has all that remember something begin where a checkpoint stands. */
    void startAt(Checkpoint checkpoint) {
        large.startAt(checkpoint);
        expiry.startAt(checkpoint.ttl(), checkpoint.openSnapshots());
        losses.startAt(checkpoint.losses());
        repairs.load(checkpoint, session.connection());
        view.startAt(checkpoint, session.connection());
        scripts.load(session.connection());
    }
}
