package io.rediscdc.benchmarks.floor;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.apache.kafka.common.config.AbstractConfig;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTask;

/** Hands out records of random bytes as fast as they are taken, a transaction for every ten polls. */
public final class FloorSourceTask extends SourceTask {

    private static final int POLL_RECORDS = 2000;
    private static final int TRANSACTION_POLLS = 10;
    private static final int VALUES = 1 << 14;
    private static final Map<String, String> PARTITION = Map.of("floor", "0");

    private final byte[][] values = new byte[VALUES][];
    private String topic = "";
    private long records;
    private long made;
    private int polls;

    @Override
    public void start(Map<String, String> properties) {
        AbstractConfig config = new AbstractConfig(FloorConfig.SOURCE, properties, false);
        topic = config.getString(FloorConfig.TOPIC);
        records = config.getLong(FloorConfig.RECORDS);
        Random random = new Random(1);
        for (int i = 0; i < VALUES; i++) {
            values[i] = new byte[config.getInt(FloorConfig.VALUE_BYTES)];
            random.nextBytes(values[i]);
        }
    }

    @Override
    public List<SourceRecord> poll() throws InterruptedException {
        if (made == records) {
            Thread.sleep(100);
            return null;
        }
        int count = (int) Math.min(POLL_RECORDS, records - made);
        Map<String, Long> offset = Map.of("made", made + count);
        List<SourceRecord> batch = new ArrayList<>(count);
        for (int i = 0; i < count; i++) {
            batch.add(record(offset));
        }
        polls++;
        if (polls % TRANSACTION_POLLS == 0 || made == records) {
            context.transactionContext().commitTransaction();
        }
        return batch;
    }

    private SourceRecord record(Map<String, Long> offset) {
        byte[] key = ("key:" + made).getBytes(StandardCharsets.US_ASCII);
        byte[] value = values[(int) (made % VALUES)];
        made++;
        return new FloorRecord(offset, topic, key, value);
    }

    @Override
    public void stop() {
        // nothing was started
    }

    @Override
    public String version() {
        return FloorConfig.VERSION;
    }

    /** Equal only to itself: the worker looks every record up in a set, and would hash its value. */
    private static final class FloorRecord extends SourceRecord {

        FloorRecord(Map<String, Long> offset, String topic, byte[] key, byte[] value) {
            super(PARTITION, offset, topic, 0, Schema.BYTES_SCHEMA, key, Schema.BYTES_SCHEMA, value);
        }

        @Override
        public boolean equals(Object other) {
            return this == other;
        }

        @Override
        public int hashCode() {
            return System.identityHashCode(this);
        }
    }
}
