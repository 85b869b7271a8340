package io.rediscdc.source;

import io.rediscdc.metrics.TaskMetrics;
import io.rediscdc.source.scan.ScanStatus;
import java.util.Map;
import java.util.concurrent.atomic.AtomicLong;
import org.apache.kafka.connect.source.SourceTaskContext;

/** A scanning source task's numbers. docs/metrics.md describes them. */
final class ScanMetrics {

    private final TaskMetrics metrics;
    private final AtomicLong records = new AtomicLong();

    private ScanMetrics(TaskMetrics metrics) {
        this.metrics = metrics;
    }

    /** Shows them until the task has ended. */
    static ScanMetrics shown(SourceTaskContext context, String shard, ScanStatus scan) {
        ScanMetrics shown = new ScanMetrics(TaskMetrics.of(context));
        shown.show(shown.metrics.group(Map.of("shard", shard)), scan);
        return shown;
    }

    private void show(TaskMetrics.Group group, ScanStatus scan) {
        group.addFlag("connected", "Whether a server of the shard is read", scan::isAttached)
                .add("disconnected-ms", "For how long none has been", scan::detachedMs)
                .add("reconnects-total", "Times connected anew", scan::reconnects)
                .addFlag("snapshot-open", "Whether a scan is under way", scan::isScanning)
                .addFlag("scan-ended", "Whether there is nothing left to do", scan::isEnded)
                .add("position-epoch", "Epoch of what was read last", scan::epoch)
                .add("records-total", "Records handed to Connect", records::get)
                .add("scans-total", "Scans begun", scan::scans)
                .add("keys-read-total", "Keys whose state was asked for", scan::keysRead)
                .add("keys-left-out-total", "Keys left out, since they take too much memory", scan::keysLeftOut)
                .add("values-torn-total", "Large values that changed whenever they were read", scan::valuesTorn)
                .add("events-total", "Events of keys that changed", scan::events)
                .add("keys-waiting", "Keys that changed and have not been read yet", scan::keysWaiting)
                .add("gaps-total", "Times that changes may have been missed", scan::gaps);
    }

    /** To be called now and then. */
    void retry() {
        metrics.retry();
    }

    /** Notes a poll's records. */
    void handedOut(int count) {
        records.addAndGet(count);
    }
}
