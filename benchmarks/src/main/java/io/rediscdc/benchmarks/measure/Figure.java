package io.rediscdc.benchmarks.measure;

/** A number that a measurement may have. Changes are keys of a snapshot or commands of a live load. */
public enum Figure {
    SECONDS("s", 2),
    CHANGES_PER_SECOND("changes/s", 0),
    MB_PER_SECOND("MB/s", 0),
    P50_MS("p50 ms", 1),
    P99_MS("p99 ms", 1),
    P999_MS("p99.9 ms", 1),
    /** Of a PING to the source before a snapshot, as those below; and during it. */
    IDLE_PING_P50_MS("idle PING p50", 2),
    IDLE_PING_P99_MS("idle PING p99", 2),
    PING_P50_MS("PING p50 ms", 2),
    PING_P99_MS("PING p99 ms", 2),
    /** CPU seconds per million changes, as those below. */
    CPU_SOURCE("CPU source", 2),
    CPU_TARGET("CPU target", 2),
    CPU_WORKER("CPU worker", 2),
    CPU_BROKER("CPU broker", 2),
    CPU_TOOL("CPU tool", 2),
    /** Peak resident set since its start, MB, as those below. */
    RSS_WORKER("RSS worker", 0),
    RSS_BROKER("RSS broker", 0),
    RSS_TOOL("RSS tool", 0),
    /** Bytes of the topic's log per change. */
    LOG_BYTES("log B", 0),
    /** Bytes the source wrote per change; live, only those to replicas. */
    SOURCE_OUT("source out B", 0),
    /** Bytes the target read per change. */
    TARGET_IN("target in B", 0);

    private final String label;
    private final int decimals;

    Figure(String label, int decimals) {
        this.label = label;
        this.decimals = decimals;
    }

    /** As a column's head. */
    public String label() {
        return label;
    }

    public int decimals() {
        return decimals;
    }
}
