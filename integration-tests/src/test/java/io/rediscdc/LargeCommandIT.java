package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Command;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Commands that are far larger than a record, and than the source's memory for what it reads. The long form: {@code
 * -Dlarge.kills=10 -Dlarge.cuts=30}.
 */
class LargeCommandIT {

    private static final int MEGABYTE = 1 << 20;
    private static final int FIELDS = 100_000;
    private static final int KILLS = Integer.getInteger("large.kills", 1);
    private static final int CUTS = Integer.getInteger("large.cuts", 3);

    private final Random random = new Random(1);
    private Mirror mirror;
    private Flow flow;
    private RedisClientOf source;

    @BeforeEach
    void startServers() {
        mirror = new Mirror("largecommand", "--repl-backlog-size", "256mb");
        flow = mirror.flow()
                .withSource("spool.memory.bytes", Integer.toString(2 * MEGABYTE))
                .withSource("spool.file.bytes", "0");
        source = mirror.source();
        source.call("SET", "small", "x");
    }

    @AfterEach
    void stopServers() {
        mirror.close();
    }

    @Test
    void arriveAsTheyAre() {
        flow.start().awaitCaughtUp();

        source.call("SET", "string", bytes(20));
        source.call("MSET", "a", bytes(5), "b", "small", "c", bytes(5));
        List<Object> hset = new ArrayList<>(List.of("HSET", "hash"));
        for (int i = 0; i < FIELDS; i++) {
            hset.add("field " + i);
            hset.add("value of field " + i);
        }
        source.call(hset.toArray());
        source.call("APPEND", "string", bytes(3));
        source.call("SET", "expiring", bytes(2), "EX", "100000");
        source.call("EVAL", "return redis.call('SET', KEYS[1], ARGV[1])", "1", "by script", bytes(4));
        source.call(
                "EVAL",
                "redis.call('INCR', KEYS[1]); redis.call('APPEND', KEYS[2], ARGV[1]); redis.call('INCR', KEYS[1])",
                "2",
                "{tx}n",
                "{tx}big",
                bytes(4));
        source.call("RESTORE", "restored", "0", source.call("DUMP", "string"));
        source.call("MULTI");
        source.call("SET", "in tx", bytes(3));
        source.call("SELECT", "5");
        source.call("RPUSH", "list", bytes(2), "x");
        source.call("INCR", "n");
        source.call("EXEC");
        source.call("SELECT", "0");
        source.call("PUBLISH", "channel", bytes(3));
        flow.awaitSettled();

        assertThat(pieces(true)).isEqualTo(11).isEqualTo(pieces(false));
        assertThat(mirror.target().text("PEXPIRETIME", "expiring")).isEqualTo(source.text("PEXPIRETIME", "expiring"));
        mirror.assertEqualAfterSnapshots(1);
    }

    /** Links of the source and connections of the sink, alone and within transactions. */
    @Test
    void areWholeWhereConnectionsAreCutInTheMiddle() {
        slowly(flow).start().awaitCaughtUp();
        for (int i = 0; i < CUTS; i++) {
            int number = i;
            new Topic(flow).awaitMore(() -> append(number));
            source.call("CLIENT", "KILL", "TYPE", "replica");
            if (i % 2 == 0) {
                mirror.target().call("CLIENT", "KILL", "TYPE", "normal");
            }
            source.call("INCR", "counter");
        }
        flow.awaitCaughtUp();
        assertThat(pieces(false)).isGreaterThan(pieces(true)).isGreaterThanOrEqualTo(CUTS);
        mirror.assertEqualAfterSnapshots(1);
    }

    @Test
    void areWholeWhereTheWorkerIsKilledInTheMiddle() {
        try (WorkerGroup group = new WorkerGroup("largecommand", 1, Map.of())) {
            slowly(flow)
                    .withSourceOn(group.worker(0))
                    .withSinkOn(group.worker(0))
                    .with("connection.validation.timeout.ms", "20000")
                    .withSink("consumer.override.session.timeout.ms", "2000")
                    .withSink("consumer.override.heartbeat.interval.ms", "500")
                    .start()
                    .awaitCaughtUp();
            for (int i = 0; i < KILLS; i++) {
                int number = i;
                new Topic(flow).awaitMore(() -> append(number));
                group.worker(0).kill();
                source.call("INCR", "counter");
                group.worker(0).start();
            }
            flow.awaitCaughtUp();
            assertThat(pieces(false)).isGreaterThan(pieces(true));
            mirror.assertEqualAfterSnapshots(1);
        } finally {
            // Its worker is no more; nobody else knows of the connectors.
            mirror.flow()
                    .withSourceOn(Platform.shared().worker())
                    .withSinkOn(Platform.shared().worker());
        }
    }

    /** Every second one in a transaction. */
    private void append(int number) {
        if (number % 2 == 0) {
            source.call("APPEND", "string", bytes(16));
            return;
        }
        source.call("MULTI");
        source.call("INCR", "counter");
        source.call("APPEND", "string", bytes(16));
        source.call("INCR", "counter");
        source.call("EXEC");
    }

    private static Flow slowly(Flow flow) {
        return flow.withSource("poll.max.records", "1").withSource("transaction.max.records", "1");
    }

    /** How many of the topic's pieces are a command's last one, or its first one. */
    private long pieces(boolean last) {
        return new Topic(flow)
                .committed().stream()
                        .map(entry -> entry.change().command())
                        .filter(Objects::nonNull)
                        .map(Command::piece)
                        .filter(Objects::nonNull)
                        .filter(piece -> last ? piece.last() : piece.number() == 0)
                        .count();
    }

    private byte[] bytes(int megabytes) {
        byte[] bytes = new byte[megabytes * MEGABYTE];
        random.nextBytes(bytes);
        return bytes;
    }
}
