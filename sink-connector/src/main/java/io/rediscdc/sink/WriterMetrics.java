package io.rediscdc.sink;

import io.rediscdc.metrics.TaskMetrics;
import io.rediscdc.model.Position;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.common.TopicPartition;

/**
 * A partition's numbers, for whoever watches. docs/metrics.md describes them. The task's thread counts, a few times a batch;
 * any may read.
 */
final class WriterMetrics {

    private final AtomicLong batches = new AtomicLong();
    private final AtomicLong records = new AtomicLong();
    private final AtomicLong duplicates = new AtomicLong();
    private final AtomicLong vanished = new AtomicLong();
    private final AtomicLong omissions = new AtomicLong();
    private final AtomicLong existing = new AtomicLong();
    private final AtomicLong divergences = new AtomicLong();
    private final AtomicLong outOfView = new AtomicLong();
    private final AtomicLong dropped = new AtomicLong();
    private final AtomicLong connects = new AtomicLong();
    private final AtomicLong rewinds = new AtomicLong();
    private final AtomicLong lostWrites = new AtomicLong();

    private volatile int moved;
    private volatile int owed;
    private volatile boolean stuck;
    private volatile boolean connected;
    private volatile long disconnectedAt = System.nanoTime();
    private volatile Position position = Position.NONE;
    private volatile long offset = Checkpoint.NOTHING;
    private volatile long receivedMs = System.currentTimeMillis();
    private volatile long latencyMs;

    /** Shows them until the group is closed. */
    TaskMetrics.Group show(TaskMetrics metrics, TopicPartition partition) {
        Map<String, String> tags = new LinkedHashMap<>();
        tags.put("topic", partition.topic());
        tags.put("partition", Integer.toString(partition.partition()));
        return metrics.group(tags)
                .addFlag("connected", "Whether there is a connection to the target", () -> connected)
                .add("disconnected-ms", "For how long there has been none", this::disconnectedMs)
                .add("reconnects-total", "Connections made anew", () -> Math.max(0, connects.get() - 1))
                .add("position-epoch", "Epoch of the last change applied", () -> position.epoch())
                .add("position-offset", "Replication offset of the last change applied", () -> position.offset())
                .add("checkpoint-offset", "Kafka offset of the record to apply next", () -> offset)
                .add("lag-ms", "Time since the source received the last change applied", this::lagMs)
                .add("latency-ms", "Time from the source to the target of the last change applied", () -> latencyMs)
                .add("batches-total", "Batches applied", batches::get)
                .add("records-total", "Records applied", records::get)
                .add("duplicates-total", "Records skipped, applied before", duplicates::get)
                .add("vanished-keys-total", "Keys removed since a new snapshot did not have them", vanished::get)
                .add("omissions-total", "Records of which the target cannot take all", omissions::get)
                .add("dropped-total", "Records of databases that db.map leaves out", dropped::get)
                .add("existing-keys-total", "Keys of the first snapshot that the target had and kept", existing::get)
                .add("divergences-total", "Differences found between target and history", divergences::get)
                .add(
                        "repairs-owed",
                        "Keys known to differ, whose state has been or is to be asked of the source",
                        () -> owed)
                .add(
                        "out-of-view-total",
                        "Records of keys that are taken from another shard of the source at that time",
                        outOfView::get)
                .add(
                        "moved-keys",
                        "Keys that are taken from another shard of the source than their slot's",
                        () -> moved)
                .addFlag("stuck", "Whether a change failed at the target", () -> stuck)
                .add("rewinds-total", "Times that records were delivered again", rewinds::get)
                .add("lost-writes-total", "Times that the target had lost what it had confirmed", lostWrites::get);
    }

    void connected() {
        connects.incrementAndGet();
        connected = true;
    }

    void disconnected() {
        if (connected) {
            disconnectedAt = System.nanoTime();
            connected = false;
        }
    }

    /** The target has all up to a checkpoint: by this writer, or before it. */
    void startedAt(Checkpoint checkpoint) {
        at(checkpoint);
        stuck = checkpoint.stuck() != null;
    }

    /** A batch is in the target. */
    void applied(Batch batch) {
        batches.incrementAndGet();
        records.addAndGet(batch.records());
        at(batch.checkpoint());
        receivedMs = batch.lastReceivedMs();
        latencyMs = Math.max(0, System.currentTimeMillis() - receivedMs);
    }

    void skipped() {
        duplicates.incrementAndGet();
    }

    /** Keys were removed which a new snapshot did not have. */
    void removedVanished(long keys) {
        vanished.addAndGet(keys);
    }

    /** Something of a record was left out. */
    void omitted() {
        omissions.incrementAndGet();
    }

    /** The target had keys of the first snapshot, and has them still. */
    void keptExisting(int keys) {
        existing.addAndGet(keys);
    }

    /** A reply, or a look at the target, has shown that a key is not what the history says. */
    void diverged() {
        divergences.incrementAndGet();
    }

    /** A record was of a shard from which its key is not taken. */
    void outOfView() {
        outOfView.incrementAndGet();
    }

    /** A record was of a database that is left out. */
    void dropped() {
        dropped.incrementAndGet();
    }

    /** That many keys are taken from another shard than their slot's. */
    void moved(int keys) {
        moved = keys;
    }

    /** That many keys are known to differ. */
    void owes(int keys) {
        owed = keys;
    }

    void stuck() {
        stuck = true;
    }

    /** The consumer has been moved back. */
    void rewound() {
        rewinds.incrementAndGet();
    }

    /** The target does not have what it had confirmed. */
    void lostWrites() {
        lostWrites.incrementAndGet();
    }

    private void at(Checkpoint checkpoint) {
        offset = checkpoint.offset();
        // Of several shards, any is as good.
        checkpoint.positions().values().stream().findFirst().ifPresent(found -> position = found);
    }

    private long disconnectedMs() {
        return connected ? 0 : TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - disconnectedAt);
    }

    private long lagMs() {
        return Math.max(0, System.currentTimeMillis() - receivedMs);
    }
}
