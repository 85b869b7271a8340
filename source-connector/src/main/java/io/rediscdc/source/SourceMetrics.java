package io.rediscdc.source;

import io.rediscdc.metrics.TaskMetrics;
import io.rediscdc.source.replica.CaptureStatus;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.source.SourceTaskContext;

/**
 * A source task's numbers, for whoever watches. docs/metrics.md describes them. What is counted here, the polling thread
 * counts; Kafka's acknowledgements come from any thread.
 */
final class SourceMetrics {

    private final TaskMetrics metrics;
    private final CaptureStatus capture;
    private final AtomicLong records = new AtomicLong();

    /** Replication offset of the last record handed to Connect, and of the last one that Kafka has. */
    private volatile long handedOut;

    private volatile long acknowledged;

    private SourceMetrics(TaskMetrics metrics, CaptureStatus capture) {
        this.metrics = metrics;
        this.capture = capture;
        this.handedOut = capture.offset();
        this.acknowledged = capture.offset();
    }

    /** Shows them until the task has ended; the worker takes them back then (AbstractWorkerSourceTask, close). */
    static SourceMetrics shown(SourceTaskContext context, String shard, CaptureStatus capture) {
        SourceMetrics shown = new SourceMetrics(TaskMetrics.of(context), capture);
        shown.show(shown.metrics.group(Map.of("shard", shard)));
        return shown;
    }

    private void show(TaskMetrics.Group group) {
        group.addFlag("connected", "Whether a server of the shard sends its history", capture::isAttached)
                .add("disconnected-ms", "For how long none has", capture::detachedMs)
                .add("reconnects-total", "Links made anew", capture::reconnects)
                .add("full-syncs-total", "Full synchronisations begun", capture::fullSyncs)
                .add("partial-syncs-total", "Partial resynchronisations", capture::partialSyncs)
                .add("history-changes-total", "Changes of the replication id", capture::historyChanges)
                .add(
                        "master-changes-total",
                        "Other masters that Sentinel, or the cluster, has named",
                        capture::masterChanges)
                .addFlag("snapshot-open", "Whether a snapshot is awaited or read", capture::isSnapshotOpen)
                .add("position-epoch", "Epoch of what was read last", capture::epoch)
                .add("position-offset", "Replication offset read", capture::offset)
                .add("acknowledged-offset", "Replication offset that Kafka has", this::acknowledgedOffset)
                .add("lag-bytes", "Bytes of the history that Kafka does not have yet", this::lagBytes)
                .add("records-total", "Records handed to Connect", records::get)
                .add("states-read-total", "States of keys that a sink asked for", capture::answers)
                .add("states-left-out-total", "Keys asked for that have no answer", capture::unanswered)
                .add("keys-waiting", "Keys that changed and whose states are not read yet", capture::dirtyKeys)
                .add("spool-bytes", "Bytes received and not read yet", capture::spoolBytes)
                .add("spool-memory-bytes", "Heap that the spool has", capture::spoolMemoryBytes)
                .add("spool-file-bytes", "Bytes of the spool in files", capture::spoolFileBytes)
                .add("spool-oldest-age-ms", "Age of the oldest byte in the spool", capture::spoolOldestAgeMs)
                .addFlag("spool-stalled", "Whether the spool is full", capture::isSpoolStalled);
    }

    /** To be called now and then. */
    void retry() {
        metrics.retry();
    }

    /** Notes a poll's records. */
    void handedOut(int count, long lastOffset) {
        records.addAndGet(count);
        handedOut = lastOffset;
    }

    /** Kafka has a record. */
    void acknowledged(long offset) {
        acknowledged = offset;
    }

    /** Where nothing is on its way to Kafka, all that was read counts: not all of the history becomes a record. */
    private long acknowledgedOffset() {
        long kafka = acknowledged;
        return kafka == handedOut ? Math.max(kafka, capture.offset()) : kafka;
    }

    /** Not known within a snapshot: all of it has one offset. */
    private long lagBytes() {
        return Math.max(0, capture.serverOffset() - acknowledgedOffset());
    }
}
