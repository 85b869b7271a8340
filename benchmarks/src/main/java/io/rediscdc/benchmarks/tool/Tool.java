package io.rediscdc.benchmarks.tool;

import io.rediscdc.benchmarks.measure.Figure;
import java.util.Map;

/**
 * Something that brings the keys of a source to a target. What it needs to run already is started with it, unmeasured.
 * One thread at a time.
 */
public interface Tool extends AutoCloseable {

    /** For tables. */
    String name();

    /** Whether the target is the same as the source after it; not so for what only takes time. */
    default boolean copies() {
        return true;
    }

    /** Whether it can be asked for a {@link #snapshot}. */
    default boolean takesSnapshots() {
        return true;
    }

    /** Whether it can be asked to {@link #follow}. */
    default boolean follows() {
        return true;
    }

    /** Whether its first use should not be measured. */
    default boolean warmsUp() {
        return false;
    }

    /** Makes ready, unmeasured, for one {@link #snapshot} or {@link #follow} between these servers. */
    void prepare(Servers servers);

    /** Brings all keys to the target; returns when the last is there. {@link #end} must follow. */
    void snapshot(Servers servers, long keys);

    /** Starts to bring changes to the target, for as long as until {@link #end}; may return before the first arrives. */
    void follow(Servers servers);

    /** Ends what it does between these servers, and removes what is its own at the target. */
    void end(Servers servers);

    /** CPU seconds of its processes so far. */
    Map<Figure, Double> cpuSeconds();

    /** Peak resident sets of its processes, MB. */
    Map<Figure, Double> peakMb();

    /** Bytes in its log in Kafka; 0 if it has none. */
    default long logBytes() {
        return 0;
    }

    @Override
    void close();
}
