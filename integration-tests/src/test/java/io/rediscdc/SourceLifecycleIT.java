package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.source.RedisSourceTask;
import io.rediscdc.standalone.process.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.lang.reflect.Proxy;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.connect.source.SourceRecord;
import org.apache.kafka.connect.source.SourceTaskContext;
import org.apache.kafka.connect.storage.OffsetStorageReader;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The source task is started and stopped at any moment, and leaves nothing behind. */
class SourceLifecycleIT {

    private static final int CYCLES = Integer.getInteger("lifecycle.cycles", 200);
    private static final long FAST_MS = 2000;

    private RedisServer server;
    private RedisClientOf redis;

    @BeforeEach
    void startServer() {
        // A full synchronisation is then sent at once, and slowly enough to be cut in the middle.
        server = RedisServer.running("--repl-diskless-sync", "yes", "--repl-diskless-sync-delay", "0");
        redis = new RedisClientOf(server);
        redis.call("DEBUG", "POPULATE", "20000", "key", "500");
    }

    @AfterEach
    void stopServer() {
        redis.close();
        server.close();
    }

    @Test
    void startedAndStoppedAtAnyMomentLeavesNoThreadNoSocketAndNoFile() throws InterruptedException {
        runOnce(new Random(0), Moment.STREAM, null);
        Leftovers before = Leftovers.now();
        Random random = new Random(7);
        Map<String, ?> offset = null;
        long slowest = 0;
        for (int i = 0; i < CYCLES; i++) {
            Moment moment = Moment.values()[i % Moment.values().length];
            // Every other time it continues, where an earlier one ended.
            Run run = runOnce(random, moment, i % 2 == 0 ? null : offset);
            offset = run.lastOffset == null ? offset : run.lastOffset;
            slowest = Math.max(slowest, run.stopMs);
        }

        System.out.printf("%d starts and stops; slowest stop %d ms%n", CYCLES, slowest);
        assertThat(slowest).as("slowest stop, ms").isLessThan(FAST_MS);
        await().atMost(Duration.ofSeconds(20)).untilAsserted(() -> {
            assertThat(redis.info("replication", "connected_slaves")).isEqualTo("0");
            assertThat(redis.text("CLIENT", "LIST").lines().filter(line -> !line.isBlank()))
                    .hasSize(1);
        });
        await().atMost(Duration.ofSeconds(10)).untilAsserted(() -> {
            Leftovers after = Leftovers.now();
            assertThat(after.threads()).containsExactlyInAnyOrderElementsOf(before.threads());
            // What other tests left open may be closed meanwhile.
            assertThat(before.descriptors()).containsAll(after.descriptors());
        });
    }

    /** Such a server must not hold up a poll: the worker stops a task only when its poll has returned. */
    @Test
    void aServerThatDoesNotAnswerHoldsNobodyUp() throws IOException, InterruptedException {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        try (ServerSocket silent = new ServerSocket(0, 50, loopback);
                ServerSocket full = new ServerSocket(0, 1, loopback)) {
            List<Socket> fillers = new ArrayList<>();
            for (int i = 0; i < 4; i++) {
                Socket filler = new Socket();
                fillers.add(filler);
                try {
                    filler.connect(new InetSocketAddress(loopback, full.getLocalPort()), 200);
                } catch (IOException e) {
                    break; // nobody gets in any more
                }
            }
            for (ServerSocket mute : List.of(silent, full)) {
                Set<String> before = Leftovers.now().threads();
                RedisSourceTask task = task("127.0.0.1:" + mute.getLocalPort(), null);
                long start = System.nanoTime();
                assertThat(task.poll()).isNull();
                assertThat(millisSince(start)).as("poll, ms").isLessThan(FAST_MS);
                start = System.nanoTime();
                task.stop();
                assertThat(millisSince(start)).as("stop, ms").isLessThan(FAST_MS);
                await().untilAsserted(() ->
                        assertThat(Leftovers.now().threads()).containsExactlyInAnyOrderElementsOf(before));
            }
            for (Socket filler : fillers) {
                filler.close();
            }
        }
    }

    private enum Moment {
        BEFORE_THE_FIRST_POLL,
        HANDSHAKE,
        SNAPSHOT,
        STREAM,
        ANY
    }

    private static final class Run {
        Map<String, ?> lastOffset;
        long stopMs;
    }

    /** Polls on a thread of its own, stops from here at the moment given, twice. */
    private Run runOnce(Random random, Moment moment, Map<String, ?> offset) throws InterruptedException {
        Run run = new Run();
        RedisSourceTask task = task(server.address(), offset);
        AtomicReference<Throwable> failure = new AtomicReference<>();
        Object lock = new Object();
        int[] records = {0};
        boolean[] over = {false};
        Thread poller = new Thread(
                () -> {
                    try {
                        while (true) {
                            List<SourceRecord> polled = task.poll();
                            synchronized (lock) {
                                if (over[0]) {
                                    return;
                                }
                                if (polled != null && !polled.isEmpty()) {
                                    records[0] += polled.size();
                                    run.lastOffset = copy(polled.get(polled.size() - 1));
                                }
                                lock.notifyAll();
                            }
                        }
                    } catch (RuntimeException e) {
                        failure.set(e);
                    }
                },
                "lifecycle-poller");
        if (moment != Moment.BEFORE_THE_FIRST_POLL) {
            poller.start();
        }
        switch (moment) {
            case BEFORE_THE_FIRST_POLL -> {}
            case HANDSHAKE -> TimeUnit.MICROSECONDS.sleep(random.nextInt(3000));
            case SNAPSHOT -> awaitRecords(lock, records, 1 + random.nextInt(10_000), offset == null);
            case STREAM -> {
                redis.call("INCR", "counter");
                awaitRecords(lock, records, offset == null ? 20_003 : 1, true);
            }
            case ANY -> Thread.sleep(random.nextInt(150));
        }
        long start = System.nanoTime();
        task.stop();
        run.stopMs = millisSince(start);
        task.stop();
        synchronized (lock) {
            over[0] = true;
        }
        if (moment != Moment.BEFORE_THE_FIRST_POLL) {
            poller.join(FAST_MS);
            assertThat(poller.isAlive()).as("a poll goes on after stop()").isFalse();
        }
        assertThat(failure.get()).isNull();
        return run;
    }

    private void awaitRecords(Object lock, int[] records, int wanted, boolean certain) throws InterruptedException {
        long end = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        synchronized (lock) {
            while (records[0] < wanted && certain) {
                assertThat(System.nanoTime())
                        .as("%d of %d records", records[0], wanted)
                        .isLessThan(end);
                lock.wait(100);
                redis.call("INCR", "counter");
            }
        }
    }

    private static Map<String, ?> copy(SourceRecord record) {
        return new HashMap<>(record.sourceOffset());
    }

    private static RedisSourceTask task(String address, Map<String, ?> offset) {
        RedisSourceTask task = new RedisSourceTask();
        task.initialize(context(SourceTaskContext.class, offset));
        task.start(Map.of(
                "topic.prefix", "p",
                "redis.address", address,
                "shard", "0",
                "snapshot.transfer", "diskless",
                "spool.memory.bytes", Integer.toString(1 << 20)));
        return task;
    }

    private static <T> T context(Class<T> type, Map<String, ?> offset) {
        return type.cast(Proxy.newProxyInstance(
                type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> switch (method.getName()) {
                    case "pluginMetrics" -> throw new NoSuchMethodError("pluginMetrics");
                    case "offsetStorageReader" -> context(OffsetStorageReader.class, offset);
                    case "offset" -> offset;
                    default -> null;
                }));
    }

    private static long millisSince(long nanos) {
        return TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - nanos);
    }

    /** What a task could leave: threads of ours, and descriptors of sockets and spool files. */
    private record Leftovers(Set<String> threads, Set<String> descriptors) {

        static Leftovers now() {
            Set<String> threads = new HashSet<>();
            Thread.getAllStackTraces().keySet().forEach(thread -> {
                if (thread.getName().startsWith("redis-cdc") || thread.getName().equals("lifecycle-poller")) {
                    threads.add(thread.getName());
                }
            });
            try (Stream<Path> open = Files.list(Path.of("/proc/self/fd"))) {
                return new Leftovers(
                        threads,
                        open.map(Leftovers::target)
                                .filter(Leftovers::isSocketOrSpool)
                                .collect(Collectors.toSet()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        /** What a descriptor stands for; nothing where it was closed meanwhile. */
        private static String target(Path descriptor) {
            try {
                return Files.readSymbolicLink(descriptor).toString();
            } catch (IOException e) {
                return "";
            }
        }

        private static boolean isSocketOrSpool(String target) {
            return target.startsWith("socket:") || target.contains("redis-cdc-spool");
        }
    }
}
