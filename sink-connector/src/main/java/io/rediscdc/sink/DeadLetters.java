package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.util.ArrayDeque;
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
    private final ArrayDeque<Letter> letters = new ArrayDeque<>();

    private record Letter(Delivery delivery, RedisCdcException why, Future<Void> written) {}

    DeadLetters(ErrantRecordReporter reporter) {
        this.reporter = reporter;
    }

    void report(Delivery delivery, RedisCdcException why) {
        letters.add(new Letter(delivery, why, reporter.report(delivery.record(), why)));
    }

    /**
     * Waits until all are there.
     *
     * @throws RedisCdcException CONNECTION if one could not be written; this can be called again, which reports it again
     */
    void await() {
        while (!letters.isEmpty()) {
            Letter first = letters.peek();
            try {
                first.written().get(PATIENCE_SECONDS, TimeUnit.SECONDS);
                letters.remove();
            } catch (ExecutionException | TimeoutException e) {
                letters.remove();
                report(first.delivery(), first.why());
                throw new RedisCdcException(
                        Category.CONNECTION, "the dead letter queue does not take a record: " + e.getMessage(), e);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new RedisCdcException(
                        Category.CONNECTION, "interrupted while writing to the dead letter queue", e);
            }
        }
    }
}
