package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.model.Command;
import io.rediscdc.standalone.process.ConnectWorker;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/**
 * Commands that are far larger than a record, and than the source's memory for what it reads. The long form: {@code
 * -Dlarge.kills=10 -Dlarge.cuts=30}; of those that are larger than what the sink holds {@code -Dlarge.held=67108864
 * -Dlarge.megabytes=512 -Dlarge.members=20000000 -Dlarge.minutes=15}, in a worker of 512 MB as always.
 */
class LargeCommandIT {

    private static final int MEGABYTE = 1 << 20;
    private static final byte[] END = {'\r', '\n'};
    private static final int FIELDS = 100_000;
    private static final int KILLS = Integer.getInteger("large.kills", 1);

    /** As many more, where each came after a command's last piece. */
    private static final int MORE = 10;

    private static final int HELD = Integer.getInteger("large.held", MEGABYTE);
    private static final int MEGABYTES = Integer.getInteger("large.megabytes", 20);
    private static final int MEMBERS = Integer.getInteger("large.members", 200_000);
    private static final Duration PATIENCE = Duration.ofMinutes(Integer.getInteger("large.minutes", 2));
    private static final int CUTS = Integer.getInteger("large.cuts", 3);

    private final Random random = new Random(1);
    private Mirror mirror;
    private Flow flow;
    private RedisClientOf source;

    @BeforeEach
    void startServers() {
        mirror = new Mirror(
                "largecommand",
                "--repl-backlog-size",
                "256mb",
                "--client-output-buffer-limit",
                "replica",
                "0",
                "0",
                "0");
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

    @Test
    void areStreamedWhereTheyAreLargerThanTheSinkHolds() throws IOException {
        // A server that executes a command of millions of arguments says nothing for minutes where the machine is busy.
        String patience = Long.toString(PATIENCE.toMillis());
        flow.withSink("transaction.max.bytes", Integer.toString(HELD))
                .withSink("redis.command.timeout.ms", patience)
                .withSource("redis.silence.timeout.ms", patience)
                .start()
                .awaitCaughtUp();
        ConnectWorker worker = Platform.shared().worker();
        LargeValueIT.forgetMostMemory(worker);
        byte[] megabyte = bytes(1);
        long start = System.nanoTime();
        send(3, out -> {
            arg(out, "SET");
            arg(out, "string");
            header(out, '$', (long) MEGABYTES * MEGABYTE);
            for (int i = 0; i < MEGABYTES; i++) {
                megabyte[0] = (byte) i;
                out.write(megabyte);
            }
            out.write(END);
        });
        send(2 + MEMBERS, out -> {
            arg(out, "RPUSH");
            arg(out, "list");
            for (int i = 0; i < MEMBERS; i++) {
                arg(out, "element " + i);
            }
        });
        send(2 + 2 * (MEMBERS / 2), out -> {
            arg(out, "HSET");
            arg(out, "hash");
            for (int i = 0; i < MEMBERS / 2; i++) {
                arg(out, "field " + i);
                arg(out, "value");
            }
        });
        long executed = System.nanoTime();
        source.call("SET", "small", "after");
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            assertThat(flow.sinkRest().status(flow.sinkName()).failure()).isNull();
            assertThat(mirror.target().text("GET", "small")).isEqualTo("after");
        });
        System.out.printf(
                "Commands that are streamed: SET of %d MB, RPUSH of %d, HSET of %d fields, beyond %d bytes: %d ms to execute at"
                        + " the source, %d ms later at the target; most memory of the worker %s%n",
                MEGABYTES,
                MEMBERS,
                MEMBERS / 2,
                HELD,
                TimeUnit.NANOSECONDS.toMillis(executed - start),
                TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - executed),
                LargeValueIT.mostMemory(worker));
        assertThat(mirror.target().text("LLEN", "list")).isEqualTo(Integer.toString(MEMBERS));
        mirror.assertEqualAfterSnapshots(1);
    }

    private interface Body {
        void writeTo(OutputStream out) throws IOException;
    }

    /** Has the source execute a command that nobody has to hold. */
    private void send(int args, Body body) throws IOException {
        try (Socket socket = new Socket(
                        InetAddress.getLoopbackAddress(), mirror.from().port());
                OutputStream out = new BufferedOutputStream(socket.getOutputStream(), MEGABYTE)) {
            header(out, '*', args);
            body.writeTo(out);
            out.flush();
            assertThat(socket.getInputStream().read()).isIn((int) '+', (int) ':');
        }
    }

    private static void arg(OutputStream out, String arg) throws IOException {
        byte[] bytes = arg.getBytes(StandardCharsets.US_ASCII);
        header(out, '$', bytes.length);
        out.write(bytes);
        out.write(END);
    }

    private static void header(OutputStream out, char marker, long number) throws IOException {
        out.write((marker + Long.toString(number) + "\r\n").getBytes(StandardCharsets.US_ASCII));
    }

    /** Links of the source and connections of the sink, alone and within transactions. */
    @Test
    void areWholeWhereConnectionsAreCutInTheMiddle() {
        slowly(flow).start().awaitCaughtUp();
        for (int i = 0; i < CUTS || (!hasHalfACommand() && i < CUTS + MORE); i++) {
            int number = i;
            new Topic(flow).awaitMore(() -> append(number));
            source.call("CLIENT", "KILL", "TYPE", "replica");
            if (i % 2 == 0) {
                mirror.target().call("CLIENT", "KILL", "TYPE", "normal");
            }
            source.call("INCR", "counter");
        }
        assertThat(hasHalfACommand()).isTrue();
        assertThat(pieces(false)).isGreaterThanOrEqualTo(CUTS);
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
            for (int i = 0; i < KILLS || (!hasHalfACommand() && i < KILLS + MORE); i++) {
                int number = i;
                new Topic(flow).awaitMore(() -> append(number));
                group.worker(0).kill();
                source.call("INCR", "counter");
                group.worker(0).start();
            }
            assertThat(hasHalfACommand()).isTrue();
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

    /** Whether a command was interrupted, and begun again: once all are there, one was begun more often than ended. */
    private boolean hasHalfACommand() {
        flow.awaitCaughtUp();
        return pieces(false) > pieces(true);
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
