package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.RepairRequest;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;

/** A sink's task that is given the topic of {@link MovingSlots}, and the source's answers to what it asks for. */
final class SlotFollower implements AutoCloseable {

    /** For what passes by itself. */
    private static final Duration PATIENCE = Duration.ofSeconds(30);

    private final MovingSlots cluster;
    private final SlotTarget target;
    private final MockProducer<byte[], byte[]> requests =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private HistoryWriter writer;

    /** What the task is given next. */
    private int next;

    /** How many of the requests the source has read. */
    private int read;

    /** What Kafka has been told. */
    private long committed;

    SlotFollower(MovingSlots cluster, SlotTarget target) {
        this.cluster = cluster;
        this.target = target;
        writer = target.writer(this);
    }

    /** The task gets the topic up to there. */
    void apply(int end) throws InterruptedException {
        RedisCdcException last = null;
        for (Instant until = Instant.now().plus(PATIENCE); Instant.now().isBefore(until); ) {
            try {
                writer.startOfPut();
                writer.open();
                writer.startOfPut();
                while (next < end && !writer.isRepositioned()) {
                    writer.write(cluster.topic().get(next));
                    next += writer.isRepositioned() ? 0 : 1;
                }
                do {
                    writer.flush();
                } while (writer.isBusy() && !writer.isRepositioned());
                writer.flush();
                committed = Math.max(committed, writer.confirmed());
                if (next >= end) {
                    return;
                }
            } catch (RedisCdcException e) {
                if (!e.isRetriable()) {
                    throw e;
                }
                last = e;
                Thread.sleep(5); // the nodes may not agree yet whose a slot is
            }
        }
        throw new AssertionError("no success in " + PATIENCE, last);
    }

    /** The task gets all of the topic. */
    void applyAll() throws InterruptedException {
        apply(cluster.topic().size());
    }

    /** How much of the topic it has not been given. */
    int behind() {
        return cluster.topic().size() - next;
    }

    /** What it has been given. */
    int next() {
        return next;
    }

    /** The source answers some of the requests, perhaps much later than they were made. */
    void answer(int most) {
        List<ProducerRecord<byte[], byte[]>> made = requests.history();
        for (int i = 0; i < most && read < made.size(); i++) {
            cluster.answer(RepairRequest.parse(made.get(read++).value()));
        }
    }

    /** How many keys it has asked for. */
    int asked() {
        return requests.history().size();
    }

    /** Whether something is not confirmed, or waits for its repair. */
    boolean isUnsettled() {
        return writer.confirmed() < next || target.owes();
    }

    /** Another task goes on where Kafka was told. */
    void restart() {
        writer.close();
        writer = target.writer(this);
        next = (int) committed;
    }

    RepairChannel channel(SinkConfig config) {
        return new RepairChannel(config.repair(), DatabaseMap.IDENTITY, properties -> requests);
    }

    void seek(long offset) {
        next = (int) offset;
    }

    long clockMs() {
        return cluster.clockMs();
    }

    @Override
    public void close() {
        writer.close();
    }
}
