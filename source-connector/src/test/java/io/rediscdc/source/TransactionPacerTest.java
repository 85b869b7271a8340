package io.rediscdc.source;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.metrics.PluginMetrics;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.source.TransactionContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class TransactionPacerTest {

    private final Transactions transactions = new Transactions();
    private long now;

    @Test
    void commitsWithTheLastRecordWhenTheSourceIsDrained() {
        TransactionPacer pacer = new TransactionPacer(new Context(transactions), 100, 5, 50, 20_000);
        List<SourceRecord> batch = records(3);

        pacer.add(batch, 1, true);

        assertThat(transactions.committed).containsExactly(batch.get(2));
        assertThat(pacer.commitOpen()).isFalse();
    }

    @Test
    void inAFloodCommitsOnlyEverySoManyRecords() {
        TransactionPacer pacer = new TransactionPacer(new Context(transactions), 100, 5, 50, 20_000);
        for (int i = 0; i < 9; i++) {
            pacer.add(records(11), 1, false);
        }
        assertThat(transactions.committed).isEmpty();

        pacer.add(records(1), 1, false);

        assertThat(transactions.committed).hasSize(1);
    }

    @Test
    void largeRecordsAreCommittedEverySoManyBytes() {
        TransactionPacer pacer = new TransactionPacer(new Context(transactions), 100, 5, 50, 20_000);
        pacer.add(records(1), 15 << 20, false);
        assertThat(transactions.committed).isEmpty();
        pacer.add(records(1), 1 << 20, false);
        assertThat(transactions.committed).hasSize(1);
        pacer.add(records(1), 1 << 20, false);
        assertThat(transactions.committed).hasSize(1);
    }

    @Test
    void whatAFloodLeftOpenIsCommittedByAnEmptyPoll() {
        TransactionPacer pacer = new TransactionPacer(new Context(transactions), 100, 5, 50, 20_000);
        pacer.add(records(2), 1, false);

        assertThat(pacer.commitOpen()).isTrue();
        assertThat(transactions.batchesCommitted).isEqualTo(1);
        assertThat(pacer.commitOpen()).isFalse();
    }

    @ParameterizedTest(name = "{0} records in {1} ms: {2} ms")
    @CsvSource({"0, 1000, 5", "1000, 1000, 5", "200000, 1000, 10", "4000, 10, 20", "1000000, 1000, 50", "1, 0, 50"})
    void gathersForLongerTheMoreChangesThereAre(int records, long ms, long expectedMs) {
        TransactionPacer pacer = new TransactionPacer(new Context(transactions), 2_000_000, 5, 50, 20_000, () -> now);
        pacer.add(records(records), 1, false);
        now += millis(ms);

        pacer.add(records(1), 1, true);

        // the record more and the nanosecond that a moment has at least
        assertThat(pacer.gatherUntilNanos() - now).isCloseTo(millis(expectedMs), within(60_000L));
    }

    @ParameterizedTest
    @CsvSource({"replica, 20000", "scan, 5000"})
    void aScanGathersForLonger(String mode, int ratePerMs) {
        SourceConfig config = new SourceConfig(
                Map.of("redis.address", "localhost:6379", "topic.prefix", "redis", "capture.mode", mode));
        assertThat(config.gatheringRatePerMs()).isEqualTo(ratePerMs);
    }

    @Test
    void aMostIntervalBelowTheLeastLetsNothingGrow() {
        TransactionPacer pacer = new TransactionPacer(new Context(transactions), 2_000_000, 20, 0, 20_000, () -> now);

        pacer.add(records(1_000), 1, true);

        assertThat(pacer.gatherUntilNanos() - now).isEqualTo(millis(20));
    }

    @Test
    void whatIsQuietAgainGathersForAsLongAsAtFirst() {
        TransactionPacer pacer = new TransactionPacer(new Context(transactions), 2_000_000, 5, 50, 20_000, () -> now);
        pacer.add(records(1_000), 1, true);
        assertThat(pacer.gatherUntilNanos() - now).isEqualTo(millis(50));

        now += millis(1_000);
        pacer.add(records(1), 1, true);

        assertThat(pacer.gatherUntilNanos() - now).isEqualTo(millis(5));
    }

    @Test
    void doesNothingWithoutATransactionContext() {
        TransactionPacer pacer = new TransactionPacer(new Context(null), 1, 5, 50, 20_000, () -> now);
        assertThat(pacer.gatherUntilNanos()).isLessThanOrEqualTo(now);
        pacer.add(records(2), 1, true);
        pacer.add(records(2_000), 1, false);
        assertThat(pacer.commitOpen()).isFalse();
        assertThat(pacer.gatherUntilNanos()).as("nothing to gather for").isLessThanOrEqualTo(now);
    }

    private static long millis(long ms) {
        return TimeUnit.MILLISECONDS.toNanos(ms);
    }

    private static List<SourceRecord> records(int n) {
        List<SourceRecord> records = new ArrayList<>();
        for (int i = 0; i < n; i++) {
            records.add(new SourceRecord(Map.of(), Map.of(), "t", null, null));
        }
        return records;
    }

    private static final class Transactions implements TransactionContext {
        final List<SourceRecord> committed = new ArrayList<>();
        int batchesCommitted;

        @Override
        public void commitTransaction() {
            batchesCommitted++;
        }

        @Override
        public void commitTransaction(SourceRecord record) {
            committed.add(record);
        }

        @Override
        public void abortTransaction() {
            throw new AssertionError("aborted data would be skipped, not sent again");
        }

        @Override
        public void abortTransaction(SourceRecord record) {
            abortTransaction();
        }
    }

    private record Context(TransactionContext transactionContext) implements SourceTaskContext {

        @Override
        public Map<String, String> configs() {
            return Map.of();
        }

        @Override
        public OffsetStorageReader offsetStorageReader() {
            return null;
        }

        @Override
        public PluginMetrics pluginMetrics() {
            return null;
        }
    }
}
