package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.compare.ComparisonOptions;
import io.rediscdc.standalone.compare.ComparisonResult;
import io.rediscdc.standalone.compare.RedisComparison;
import io.rediscdc.standalone.process.ConnectWorker;
import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.standalone.redis.RedisUri;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/**
 * Values of a snapshot that are far larger than a record. The long form, in a worker of 512 MB as always:
 * {@code -Dlarge.megabytes=512 -Dlarge.members=20000000 -Dlarge.entries=5000000 -Dlarge.minutes=30
 * "-Dlarge.types=string;list;set;zset;hash;stream" -Dlarge.kills=10}. The type {@code keys} is very many small ones
 * instead: {@code -Dlarge.keys=5000000}.
 */
class LargeValueIT {

    private static final int MEGABYTES = Integer.getInteger("large.megabytes", 20);
    private static final int MEMBERS = Integer.getInteger("large.members", 200_000);
    private static final int ENTRIES = Integer.getInteger("large.entries", 100_000);
    private static final int KEYS = Integer.getInteger("large.keys", 20_000);
    private static final Duration PATIENCE = Duration.ofMinutes(Integer.getInteger("large.minutes", 2));

    /** Those with a semicolon between them one after the other. */
    static final List<String> TYPES = List.of(System.getProperty("large.types", "string,list,set,zset,hash,stream,keys")
            .split(";", -1));

    private static final int KILLS = Integer.getInteger("large.kills", 1);
    private static final int STEP = 100_000;
    private static final int MEGABYTE = 1 << 20;

    private static final String[] OPTIONS = {
        "--enable-debug-command",
        "yes",
        "--repl-timeout",
        "600",
        "--client-output-buffer-limit",
        "replica",
        "0",
        "0",
        "0"
    };

    private RedisServer from;
    private RedisServer to;

    @BeforeEach
    void startServers() {
        from = RedisServer.running(OPTIONS);
        to = RedisServer.running(OPTIONS);
    }

    @AfterEach
    void stopServers() {
        from.close();
        to.close();
    }

    @ParameterizedTest
    @FieldSource("TYPES")
    void arriveInTheHeapOfAnyWorker(String types) throws IOException {
        ConnectWorker worker = Platform.shared().worker();
        try (Flow flow = new Flow("large", from, to)) {
            for (String type : types.split(",", -1)) {
                fill(flow.source(), type);
            }
            flow.source().call("SET", "small", "x");
            forgetMostMemory(worker);
            long start = System.nanoTime();
            flow.start();
            awaitSnapshot(flow);
            long ms = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start);
            flow.awaitCaughtUp();
            System.out.printf(
                    "Large values: %s (%d MB, %d members, %d entries, %d keys) in %d ms, start of the connectors included; most"
                            + " memory of the worker %s; %s bytes of the target, %s records%n",
                    types,
                    MEGABYTES,
                    MEMBERS,
                    ENTRIES,
                    KEYS,
                    ms,
                    mostMemory(worker),
                    flow.target().info("memory", "used_memory"),
                    flow.target().text("HGET", flow.checkpointKey(), "offset"));
            flow.awaitSettled();
            if (types.contains("hash")) {
                assertThat(flow.target().text("PEXPIRETIME", "hash")).isEqualTo("4000000000000");
            }
            assertThat(flow.source().info("stats", "sync_full")).isEqualTo("1");
            assertEqual(flow);
        }
    }

    /** Source and sink: the one begins anew, the other takes back what it had of the value that nobody will finish. */
    @Test
    void aWorkerThatIsKilledInTheMiddleIsNoticedByNobody() {
        try (WorkerGroup group = new WorkerGroup("large", 1, Map.of());
                Flow flow = new Flow("large", from, to)
                        .withSourceOn(group.worker(0))
                        .withSinkOn(group.worker(0))
                        .with("connection.validation.timeout.ms", "20000")
                        .withSource("transaction.max.records", "2")
                        .withSink("consumer.override.session.timeout.ms", "2000")
                        .withSink("consumer.override.heartbeat.interval.ms", "500")
                        .withSink("batch.max.records", "1")) {
            flow.target().call("HSET", "string", "from", "before");
            byte[] part = new byte[MEGABYTE];
            for (int i = 0; i < 60; i++) {
                new Random(i).nextBytes(part);
                flow.source().call("APPEND", "string", part);
            }
            flow.start();
            for (int kill = 0; kill < KILLS; kill++) {
                await().atMost(Flow.PATIENCE)
                        .pollDelay(Duration.ZERO)
                        .pollInterval(Duration.ofMillis(1))
                        .until(() -> isBuilding(flow));
                group.worker(0).kill();
                assertThat(flow.target().text("TYPE", "string")).isEqualTo("hash");
                group.worker(0).launch();
            }
            group.worker(0).awaitReady();
            flow.awaitCaughtUp();
            // How many snapshots it took depends on whether the source had sent the last piece before it was killed.
            assertThat(new Topic(flow).snapshots()).isNotEmpty();
            assertEqual(flow);
        }
    }

    private static boolean isBuilding(Flow flow) {
        Object value = flow.target().call("HGET", flow.checkpointKey(), "value");
        return value != null && !RedisClientOf.textOf(value).isEmpty();
    }

    private void assertEqual(Flow flow) {
        flow.awaitSettled().finish();
        assertThat(flow.target().digest()).isEqualTo(flow.source().digest()).doesNotMatch("0*");
        ComparisonResult comparison = RedisComparison.compare(uri(from), uri(to), ComparisonOptions.DEFAULT);
        assertThat(comparison.isEqual()).as(comparison.summary()).isTrue();
        assertThat(flow.target().text("KEYS", "__redis-cdc:*")).isEqualTo("[]");
    }

    private static RedisUri uri(RedisServer server) {
        return RedisUri.parse(server.uri());
    }

    private void awaitSnapshot(Flow flow) {
        await().atMost(PATIENCE).pollInterval(Duration.ofMillis(100)).untilAsserted(() -> {
            assertThat(flow.sourceRest().status(flow.sourceName()).failure()).isNull();
            assertThat(flow.sinkRest().status(flow.sinkName()).failure()).isNull();
            assertThat(flow.target().text("GET", "small")).isEqualTo("x");
            assertThat(flow.target().text("HGET", flow.checkpointKey(), "snapshot"))
                    .isEqualTo("closed");
        });
    }

    private static void fill(RedisClientOf source, String type) {
        switch (type) {
            case "string" -> {
                byte[] part = new byte[MEGABYTE];
                for (int i = 0; i < MEGABYTES; i++) {
                    new Random(i).nextBytes(part);
                    source.call("SETRANGE", "string", (long) i * MEGABYTE, part);
                }
            }
            case "list" -> each(source, type, MEMBERS, "redis.call('rpush', KEYS[1], 'element:' .. i)");
            case "set" -> each(source, type, MEMBERS, "redis.call('sadd', KEYS[1], 'member:' .. i)");
            case "zset" -> each(source, type, MEMBERS, "redis.call('zadd', KEYS[1], i / 7, 'member:' .. i)");
            case "hash" -> {
                each(source, type, MEMBERS, "redis.call('hset', KEYS[1], 'field:' .. i, 'value:' .. i)");
                source.call("PEXPIREAT", type, "4000000000000");
            }
            case "stream" -> fillStream(source);
            case "keys" -> source.call("DEBUG", "POPULATE", KEYS, "key", 100);
            default -> throw new IllegalArgumentException(type);
        }
    }

    private static void fillStream(RedisClientOf source) {
        each(source, "stream", ENTRIES, "redis.call('xadd', KEYS[1], i .. '-1', 'name', i, 'text', 'some text ' .. i)");
        source.call("XDEL", "stream", "7-1", "8-1", ENTRIES + "-1");
        source.call("XGROUP", "CREATE", "stream", "readers", "0");
        source.call("XGROUP", "CREATE", "stream", "idle", "$");
        source.call("XGROUP", "CREATECONSUMER", "stream", "idle", "nothing pending");
        for (int i = 0; i < 20; i++) {
            source.call(
                    "XREADGROUP",
                    "GROUP",
                    "readers",
                    "consumer " + i % 3,
                    "COUNT",
                    ENTRIES / 50,
                    "STREAMS",
                    "stream",
                    ">");
        }
        source.call("XACK", "stream", "readers", "1-1", "2-1", "33-1");
        source.call("XCLAIM", "stream", "readers", "consumer 1", "0", "3-1", "RETRYCOUNT", "9");
    }

    private static void each(RedisClientOf source, String key, int count, String what) {
        String script = "for i = tonumber(ARGV[1]), tonumber(ARGV[2]) do " + what + " end";
        for (int i = 1; i <= count; i += STEP) {
            source.call("EVAL", script, "1", key, i, Math.min(count, i + STEP - 1));
        }
    }

    /** Has the kernel begin anew with the peak (proc(5), clear_refs). */
    static void forgetMostMemory(ConnectWorker worker) throws IOException {
        Files.writeString(Path.of("/proc/" + worker.pid() + "/clear_refs"), "5");
    }

    /** Peak resident set, as Linux says it. */
    static String mostMemory(ConnectWorker worker) throws IOException {
        return Files.readAllLines(Path.of("/proc/" + worker.pid() + "/status")).stream()
                .filter(line -> line.startsWith("VmHWM:"))
                .map(line -> line.substring("VmHWM:".length()).trim())
                .findFirst()
                .orElse("unknown");
    }
}
