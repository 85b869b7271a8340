package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.connect.sink.ErrantRecordReporter;

/**
 * Connect's dead letter queue. A record is there before the checkpoint passes it; after a crash it can be there twice. Not
 * thread-safe.
 */
final class DeadLetters {

    private static final long PATIENCE_SECONDS = 60;

    private final ErrantRecordReporter reporter;
    private final List<Future<Void>> sent = new ArrayList<>();

    DeadLetters(ErrantRecordReporter reporter) {
        this.reporter = reporter;
    }

    void report(Delivery delivery, RedisCdcException why) {
        sent.add(reporter.report(delivery.record(), why));
    }

    /** @throws RedisCdcException CONNECTION if one of them could not be written; it may be there nevertheless */
    void await() {
        if (sent.isEmpty()) {
            return;
        }
        try {
            for (Future<Void> each : sent) {
                each.get(PATIENCE_SECONDS, TimeUnit.SECONDS);
            }
        } catch (ExecutionException | TimeoutException e) {
            throw new RedisCdcException(
                    Category.CONNECTION, "the dead letter queue does not take a record: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new RedisCdcException(Category.CONNECTION, "interrupted while writing to the dead letter queue", e);
        }
        sent.clear();
    }
}
