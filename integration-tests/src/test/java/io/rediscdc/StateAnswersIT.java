package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.source.replica.AckMode;
import io.rediscdc.source.replica.LinkOptions;
import io.rediscdc.source.replica.ReadFrom;
import io.rediscdc.source.replica.ReplicaCapture;
import io.rediscdc.source.replica.ReplicaOptions;
import io.rediscdc.source.replica.ResumePoint;
import io.rediscdc.source.replica.SpoolOptions;
import io.rediscdc.standalone.process.RedisServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Queue;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** States that are read from a server while it is being written to, against what the history has made of the keys there. */
@Timeout(120)
class StateAnswersIT {

    private static final int ROUNDS = 1_000;

    private final Map<ChangeKey, Long> replayed = new HashMap<>();
    private final Queue<ChangeKey> requests = new ArrayDeque<>();
    private final List<Change> answers = new ArrayList<>();
    private Position last = Position.NONE;
    private RedisServer server;
    private RedisClientOf redis;
    private ReplicaCapture capture;
    private volatile boolean writing = true;

    @BeforeEach
    void startServer() {
        server = RedisServer.running();
        redis = new RedisClientOf(server, null);
        redis.call("ACL", "SETUSER", "mute", "on", "nopass", "~*", "+psync", "+replconf", "+ping", "+info");
    }

    @AfterEach
    void stop() {
        writing = false;
        capture.close();
        redis.close();
        server.close();
    }

    @Test
    void aStateIsWhatTheHistoryHasMadeOfItsKeyUpToThere() throws InterruptedException {
        capture = capture(null);
        Thread writer = writer();
        writer.start();
        ChangeKey counter = key(0, "counter");
        for (int round = 0; round < ROUNDS; round++) {
            requests.addAll(List.of(counter, key(0, "left"), key(0, "right"), key(3, "counter"), key(0, "none")));
            int wanted = 5 * (round + 1);
            while (answers.size() < wanted) {
                replay();
            }
        }
        writing = false;
        writer.join();
        long end = Long.parseLong(redis.info("replication", "master_repl_offset"));
        while (last.offset() < end) {
            redis.call("INCR", "counter");
            replay();
        }
        replayUntilDrained();

        assertThat(replayed.get(counter)).isEqualTo(redis.number("GET", "counter"));
        assertThat(replayed.get(counter)).as("written meanwhile").isGreaterThan(ROUNDS);
        assertThat(answers).filteredOn(answer -> answer.op() == Op.DEL).hasSize(ROUNDS);
    }

    @Test
    void aStateHasItsTypeAndItsExpireTime() {
        redis.call("HSET", "hash", "f", "v");
        redis.call("SET", "session", "x", "PXAT", "4000000000000");
        capture = capture(null);
        while (last.equals(Position.NONE) || !capture.drained()) {
            replay();
        }
        requests.addAll(List.of(key(0, "hash"), key(0, "session")));
        while (answers.size() < 2) {
            replay();
        }
        assertThat(answers.get(0).state().type()).isEqualTo("hash");
        assertThat(answers.get(0).state().expireAtMs()).isNull();
        assertThat(answers.get(0).state().rdbVersion()).isEqualTo(10);
        assertThat(answers.get(1).state().type()).isEqualTo("string");
        assertThat(answers.get(1).state().expireAtMs()).isEqualTo(4_000_000_000_000L);
    }

    @Test
    void aServerThatRefusesToSayStopsNothing() {
        capture = capture("mute");
        requests.add(key(0, "counter"));
        while (replayed.getOrDefault(key(0, "counter"), 0L) < 50) {
            redis.call("INCR", "counter");
            replay();
        }
        assertThat(answers).isEmpty();
        assertThat(requests).isEmpty();
    }

    @Test
    void aKeyThatCannotBeReadKeepsNoOthersFromIt() {
        redis.call("ACL", "SETUSER", "limited", "on", "nopass", "~counter", "+@all");
        redis.call("SET", "other", "x");
        capture = capture("limited");
        while (last.equals(Position.NONE) || !capture.drained()) {
            replay();
        }
        redis.call("INCR", "counter");
        requests.addAll(List.of(key(0, "other"), key(99, "counter"), key(0, "counter")));
        while (answers.isEmpty()) {
            replay();
        }
        assertThat(answers).extracting(Change::key).containsExactly(key(0, "counter"));
        assertThat(capture.status().answers()).isEqualTo(1);
        assertThat(capture.status().unanswered()).isEqualTo(2);
    }

    @Test
    void aStateThatIsTooLargeForARecordIsLeftOut() {
        capture = capture(null);
        while (last.equals(Position.NONE) || !capture.drained()) {
            replay();
        }
        redis.call("CONFIG", "SET", "rdbcompression", "no");
        for (int i = 0; i < 3; i++) {
            redis.call("APPEND", "large", "x".repeat(500_000));
            redis.call("APPEND", "very large", "x".repeat(900_000));
        }
        for (int i = 0; i < 5; i++) {
            redis.call("APPEND", "very large", "x".repeat(900_000));
        }
        requests.addAll(List.of(key(0, "large"), key(0, "very large"), key(0, "none")));
        while (answers.isEmpty()) {
            replay();
        }
        assertThat(answers).extracting(Change::key).containsExactly(key(0, "none"));
    }

    private Thread writer() {
        return new Thread(() -> {
            try (RedisClientOf client = new RedisClientOf(server, null)) {
                while (writing) {
                    client.call("INCR", "counter");
                    client.call("MULTI");
                    client.call("INCRBY", "left", "-1");
                    client.call("INCRBY", "right", "1");
                    client.call("EXEC");
                    client.call("EVAL", "redis.call('INCR', 'counter') return redis.call('INCR', 'counter')", 0);
                    client.call("SELECT", 3);
                    client.call("INCR", "counter");
                    client.call("SELECT", 0);
                }
            }
        });
    }

    private void replayUntilDrained() {
        do {
            replay();
        } while (!capture.drained());
    }

    /** Executes what arrives; an answer has to be what has been executed. */
    private void replay() {
        List<Change> changes = new ArrayList<>();
        capture.read(changes, 500, 5, System.nanoTime());
        for (Change change : changes) {
            if (change.op() != Op.SNAPSHOT_BEGIN) {
                assertThat(change.stamp().prev()).isEqualTo(last);
            }
            last = change.stamp().position();
            if (change.stamp().asOf() != null) {
                answers.add(change);
                assertThat(change.stamp().asOf()).isEqualTo(last.offset());
                if (replayed.containsKey(change.key())) {
                    assertThat(Long.parseLong(
                                    new String(DumpPayload.string(change.state().dump()), StandardCharsets.US_ASCII)))
                            .as("answer %d, at %s", answers.size(), last)
                            .isEqualTo(replayed.get(change.key()));
                } else if (change.state() != null
                        && DumpPayload.isPlainString(change.state().dump())) {
                    assertThat(change.key()).isEqualTo(key(0, "session"));
                }
            } else if (change.op() == Op.COMMAND) {
                execute(change);
            } else if (change.op() == Op.SET) {
                begin(change);
            }
        }
    }

    /** The writer may have been faster than the snapshot. */
    private void begin(Change change) {
        byte[] dump = change.state().dump();
        String text =
                DumpPayload.isPlainString(dump) ? new String(DumpPayload.string(dump), StandardCharsets.US_ASCII) : "";
        if (text.matches("-?\\d+")) {
            replayed.put(change.key(), Long.parseLong(text));
        }
    }

    private void execute(Change change) {
        byte[][] args = change.command().args();
        String name = new String(args[0], StandardCharsets.US_ASCII);
        long by = name.equalsIgnoreCase("INCRBY") ? Long.parseLong(new String(args[2], StandardCharsets.US_ASCII)) : 1;
        if (name.toUpperCase(Locale.ROOT).startsWith("INCR")) {
            replayed.merge(change.key(), by, Long::sum);
        }
    }

    private ReplicaCapture capture(String user) {
        LinkOptions link = new LinkOptions(
                2_000, 2_000, 60_000, new SpoolOptions(16 << 20, 0, Path.of(System.getProperty("java.io.tmpdir"))));
        ReplicaOptions options = new ReplicaOptions(
                List.of(RedisAddress.parse(server.address())),
                ReadFrom.REPLICA_PREFERRED,
                user,
                user == null ? null : "any",
                "0",
                false,
                1_000_000,
                0,
                20_000,
                AckMode.NONE,
                link);
        return new ReplicaCapture(options, ResumePoint.start(1), max -> {
            List<ChangeKey> taken = new ArrayList<>();
            while (taken.size() < max && !requests.isEmpty()) {
                taken.add(requests.remove());
            }
            return taken;
        });
    }

    private static ChangeKey key(int db, String name) {
        return new ChangeKey(db, name.getBytes(StandardCharsets.UTF_8));
    }
}
