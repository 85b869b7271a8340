package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.sink.target.ClusterTarget;
import io.rediscdc.slot.SlotRanges;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.LongConsumer;
import java.util.function.LongSupplier;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies one partition's history to a cluster: by a writer for each node, all of which see all of it. Each applies what
 * its slots need, and has a checkpoint of its own. When slots are moved or nodes are replaced, all is claimed anew: each slot
 * then goes on from where the checkpoint stands that covered it. Not thread-safe.
 */
final class ClusterWriter implements HistoryWriter {

    private static final Logger log = LoggerFactory.getLogger(ClusterWriter.class);

    /** How often it is looked whether slots that are being moved have arrived. */
    private static final long LOOK_NANOS = TimeUnit.SECONDS.toNanos(1);

    private static final long NONE = Long.MAX_VALUE;

    private final TopicPartition partition;
    private final SinkConfig config;
    private final RepairChannel channel;
    private final DeadLetters letters;
    private final LongConsumer seek;
    private final LongSupplier clock;
    private final ClusterClaim claim;
    private final WriterMetrics metrics = new WriterMetrics();

    private List<PartitionWriter> writers = List.of();
    private List<SlotShare> shares = List.of();
    private WriterId self;

    /** Slots that were being moved when all was claimed. */
    private SlotRanges claimedWaiting = SlotRanges.NONE;

    private long waitingOffset;
    private long lookAt;

    /** Whether a node has failed to answer: it may have been replaced. */
    private boolean suspicious;

    private boolean repositioned;

    /** The least offset to which the consumer is to be moved after the current call, {@link #NONE} for none. */
    private long wanted = NONE;

    /** First offset that was delivered, -1 for none. */
    private long begin = -1;

    /**
     * Connects to nothing yet.
     *
     * @param channel to ask the source for keys, null where there is none
     * @param letters for records that are not applied in full, null where there are none
     * @param seek moves the consumer of the partition to an offset, after the current call
     */
    ClusterWriter(
            TopicPartition partition,
            SinkConfig config,
            ClusterTarget target,
            RepairChannel channel,
            DeadLetters letters,
            LongConsumer seek) {
        this(partition, config, target, channel, letters, seek, System::currentTimeMillis);
    }

    /** @param clock ms since 1970 */
    ClusterWriter(
            TopicPartition partition,
            SinkConfig config,
            ClusterTarget target,
            RepairChannel channel,
            DeadLetters letters,
            LongConsumer seek,
            LongSupplier clock) {
        this.partition = partition;
        this.config = config;
        this.channel = channel;
        this.letters = letters;
        this.seek = seek;
        this.clock = clock;
        this.claim = new ClusterClaim(config, partition, target);
    }

    @Override
    public WriterMetrics metrics() {
        return metrics;
    }

    @Override
    public void open() {
        attempt(() -> {
            if (suspicious && !writers.isEmpty()) {
                claim.check(shares);
            }
            suspicious = false;
            if (writers.isEmpty()) {
                claim();
            }
            writers.forEach(PartitionWriter::open);
            if (begin < 0 && isBeginNeeded()) {
                // Nothing has been committed, and what the consumer begins with is not to be passed over.
                wanted = NONE;
                writers.forEach(PartitionWriter::startOfPut);
            }
        });
    }

    @Override
    public void startOfPut() {
        repositioned = false;
        writers.forEach(PartitionWriter::startOfPut);
    }

    @Override
    public boolean isRepositioned() {
        return repositioned;
    }

    @Override
    public void deliverAgainFrom(long offset) {
        if (!repositioned) {
            wanted = offset;
            moveConsumer();
        }
    }

    @Override
    public void write(Delivery delivery) {
        if (repositioned) {
            return;
        }
        if (begin < 0) {
            begin = delivery.offset();
        }
        open();
        attempt(() -> {
            for (PartitionWriter writer : writers) {
                if (!repositioned) {
                    writer.write(delivery);
                }
            }
        });
    }

    @Override
    public void flush() {
        if (repositioned) {
            return;
        }
        open();
        attempt(() -> {
            writers.forEach(PartitionWriter::flush);
            SlotRanges waiting = waiting();
            if (!waiting.isEmpty() && System.nanoTime() - lookAt > 0) {
                lookAt = System.nanoTime() + LOOK_NANOS;
                writers.forEach(PartitionWriter::confirmed); // so that no replies are lost
                if (writers.stream().noneMatch(PartitionWriter::isAwaiting)
                        && !claim.stable().and(waiting).isEmpty()) {
                    throw new ReclaimException(partition + ": slots have arrived where they were moved to");
                }
            }
        });
    }

    @Override
    public boolean isBusy() {
        return writers.isEmpty() || writers.stream().anyMatch(PartitionWriter::isBusy);
    }

    @Override
    public boolean isWaiting() {
        return !waiting().isEmpty() || writers.stream().anyMatch(PartitionWriter::isWaiting);
    }

    @Override
    public long confirmed() {
        long confirmed = claimedWaiting.isEmpty() ? NONE : waitingOffset;
        for (SlotShare share : shares) {
            confirmed = Math.min(confirmed, share.yieldedOffset());
        }
        for (PartitionWriter writer : writers) {
            confirmed = Math.min(confirmed, writer.confirmed());
        }
        return confirmed == NONE ? -1 : confirmed;
    }

    @Override
    public void close() {
        writers.forEach(PartitionWriter::close);
        writers = List.of();
    }

    /** Whatever was lost, all goes on from what the nodes say; what is not known there is delivered again. */
    private void attempt(Runnable action) {
        try {
            action.run();
        } catch (ReclaimException e) {
            close();
            throw e;
        } catch (TargetSession.StillWaitingException e) {
            throw e;
        } catch (RedisCdcException e) {
            suspicious |= e.isRetriable();
            throw e;
        } finally {
            moveConsumer();
        }
    }

    /** Whether some slots have nothing yet: of a writer, or such as wait until they have arrived at one. */
    private boolean isBeginNeeded() {
        return (!claimedWaiting.isEmpty() && waitingOffset == Checkpoint.NOTHING)
                || writers.stream().anyMatch(PartitionWriter::isAtBegin);
    }

    private void claim() {
        ClusterClaim.Claimed claimed = claim.take(self);
        self = claimed.self();
        shares = claimed.shares();
        claimedWaiting = claimed.waiting();
        waitingOffset = claimed.waitingOffset();
        lookAt = System.nanoTime() + LOOK_NANOS;
        List<PartitionWriter> made = new ArrayList<>();
        for (SlotShare share : shares) {
            PartitionWriter writer =
                    new PartitionWriter(partition, config, share, channel, letters, this::want, metrics, clock);
            writer.beginAt(begin);
            writer.startOfPut();
            made.add(writer);
        }
        writers = List.copyOf(made);
        log.info(
                "{}: writes to {} nodes of the cluster{}",
                partition,
                writers.size(),
                claimedWaiting.isEmpty() ? "" : "; " + claimedWaiting.size() + " slots are being moved and wait");
    }

    /** Slots to which nothing is applied until they have arrived somewhere, and all is claimed anew. */
    private SlotRanges waiting() {
        SlotRanges waiting = claimedWaiting;
        for (SlotShare share : shares) {
            waiting = share.yielded().isEmpty() ? waiting : waiting.plus(share.yielded());
        }
        return waiting;
    }

    private void want(long offset) {
        wanted = Math.min(wanted, offset);
    }

    private void moveConsumer() {
        if (wanted != NONE) {
            seek.accept(wanted);
            repositioned = true;
            wanted = NONE;
        }
    }
}
