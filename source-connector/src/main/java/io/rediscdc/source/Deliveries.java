package io.rediscdc.source;

import io.rediscdc.source.replica.ResumePoint;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;

/**
 * Which of the records handed to Connect are in Kafka, whatever order it says so in: tells of a poll's resume point when
 * all records of it and of the polls before are. Any thread.
 */
final class Deliveries {

    /** The records of one poll. */
    static final class Batch {
        private final ResumePoint end;
        private final AtomicInteger missing;

        private Batch(ResumePoint end, int records) {
            this.end = end;
            this.missing = new AtomicInteger(records);
        }
    }

    private final Consumer<ResumePoint> whenDelivered;
    private final Deque<Batch> open = new ArrayDeque<>();

    Deliveries(Consumer<ResumePoint> whenDelivered) {
        this.whenDelivered = whenDelivered;
    }

    synchronized Batch open(ResumePoint end, int records) {
        Batch batch = new Batch(end, records);
        open.add(batch);
        return batch;
    }

    /** One record of a batch is in Kafka. */
    void delivered(Batch batch) {
        if (batch.missing.decrementAndGet() == 0) {
            settle();
        }
    }

    private synchronized void settle() {
        Batch last = null;
        while (!open.isEmpty() && open.peek().missing.get() == 0) {
            last = open.poll();
        }
        if (last != null) {
            whenDelivered.accept(last.end);
        }
    }
}
