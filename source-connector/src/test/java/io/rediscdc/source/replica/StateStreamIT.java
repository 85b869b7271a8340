package io.rediscdc.source.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.source.StateTarget;
import io.rediscdc.source.capture.StateRequests;
import io.rediscdc.testing.RedisServer;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Random;
import java.util.TreeMap;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The stream of a real server, told in states. */
@Timeout(60)
class StateStreamIT {

    private static final int MAX_RECORD = 20_000;
    private static final StateOptions PLAIN = new StateOptions(2, 100_000, false);
    private static final StateOptions COMPACTED = new StateOptions(2, 100_000, true);

    private RedisServer source;
    private RedisServer target;
    private StateTarget stateTarget;
    private ReplicaCapture capture;

    /** What has been applied, as a sink's checkpoint has it. */
    private Position applied = Position.NONE;

    private final List<Change> changes = new ArrayList<>();
    private boolean hasSnapshot;
    private volatile boolean writing = true;

    @BeforeEach
    void start() throws Exception {
        source = new RedisServer("--enable-debug-command", "yes", "--repl-backlog-size", "64mb");
        target = new RedisServer("--enable-debug-command", "yes");
        stateTarget = new StateTarget(target);
    }

    @AfterEach
    void stop() throws Exception {
        writing = false;
        if (capture != null) {
            capture.close();
        }
        source.close();
        target.close();
    }

    /** Beside it, the same stream in commands, which says what each key is at any offset. */
    @Test
    void aStateIsWhatTheHistoryHasMadeOfItsKeyUpToItsOffset() throws Exception {
        try (ReplicaCapture commands =
                new ReplicaCapture(options(null, null, null), ResumePoint.start(1), StateRequests.NONE)) {
            capture = capture(PLAIN, ResumePoint.start(1));
            Thread writer = new Thread(this::increment);
            writer.start();
            Map<ChangeKey, NavigableMap<Long, Long>> history = new HashMap<>();
            List<Change> states = new ArrayList<>();
            while (states.size() < 1_000) {
                note(commands, history);
                states(states);
            }
            writing = false;
            writer.join();
            long end = source.info("replication", "master_repl_offset").getAsLong();
            while (commands.resumePoint().offset() < end
                    || capture.resumePoint().offset() < end) {
                note(commands, history);
                states(states);
            }
            for (Change state : states) {
                assertThat(value(state))
                        .as("%s at %s", state.key(), state.stamp().position())
                        .isEqualTo(history.get(state.key())
                                .floorEntry(state.stamp().position().offset())
                                .getValue());
            }
            long written = history.values().stream().mapToLong(Map::size).sum();
            assertThat((long) states.size()).as("of %d changes", written).isLessThan(written);
            history.forEach((key, values) -> {
                List<Change> its =
                        states.stream().filter(state -> state.key().equals(key)).toList();
                assertThat(value(its.get(its.size() - 1)))
                        .isEqualTo(values.lastEntry().getValue());
            });
        }
    }

    /** Whoever goes on has the point to resume from, or an older one; with few keys that may wait, history is read again and again. */
    @Test
    void isTheSameAfterAnyNumberOfRestarts() {
        StateOptions few = new StateOptions(1, 20, false);
        Random random = new Random(4711);
        source.call("CONFIG", "SET", "rdbcompression", "no");
        capture = capture(few, ResumePoint.start(1));
        awaitEqual();
        ResumePoint stored = capture.resumePoint();
        long partial = 0;
        for (int round = 0; round < 40; round++) {
            for (int i = 0; i < 60; i++) {
                write(random);
            }
            replay(10);
            if (round % 3 == 0) {
                stored = capture.resumePoint();
            }
            if (round % 4 == 0) {
                partial += capture.status().partialSyncs();
                assertThat(capture.status().fullSyncs()).isEqualTo(round == 0 ? 1 : 0);
                capture.close();
                capture = capture(few, stored);
            }
        }
        awaitEqual();
        assertThat(partial + capture.status().partialSyncs())
                .as("with those for keys that had to wait")
                .isGreaterThan(12);
        assertThat(changes).extracting(Change::op).contains(Op.SET, Op.DEL, Op.FLUSH, Op.SWAPDB, Op.PUBLISH);
        assertThat(changes).extracting(Change::op).doesNotContain(Op.COMMAND);
        assertThat(changes)
                .filteredOn(change -> change.state() != null && change.state().piece() != null)
                .hasSizeGreaterThan(10);
    }

    @Test
    void manyChangesOfAKeyAreOneState() {
        capture = capture(new StateOptions(100, 100, false), ResumePoint.start(1));
        awaitEqual();
        changes.clear();
        for (int i = 0; i < 200; i++) {
            source.call("INCR", "counter");
        }
        awaitEqual();
        assertThat(changes).filteredOn(change -> change.op() == Op.SET).hasSizeLessThan(50);
        assertThat(capture.status().dirtyKeys()).isZero();
    }

    @Test
    void pointsStayBeforeWhatIsNotHandedOut() {
        capture = capture(new StateOptions(3_600_000, 100, false), ResumePoint.start(1));
        awaitEqual();
        long before = capture.resumePoint().offset();
        source.call("SELECT", "5");
        source.call("SET", "a", "1");
        source.call("PUBLISH", "news", "x");
        while (changes.get(changes.size() - 1).op() != Op.PUBLISH) {
            replay(1);
        }
        assertThat(capture.resumePoint().offset()).isBetween(before, before + 60);
        assertThat(capture.status().dirtyKeys()).isEqualTo(1);
        ResumePoint point = capture.resumePoint();
        capture.close();
        capture = capture(PLAIN, point);
        changes.clear();
        awaitEqual();
        assertThat(changes).extracting(Change::op).containsExactly(Op.SET);
    }

    @Test
    void aCompactedTopicHasNoCommandsAndBeginsAnewWhereDatabasesAreSwapped() {
        source.call("SET", "a", "1");
        capture = capture(COMPACTED, ResumePoint.start(1));
        awaitEqual();
        source.call("FUNCTION", "LOAD", "#!lua name=l\nredis.register_function('f', function() return 1 end)");
        source.call("PUBLISH", "news", "x");
        source.call("SET", "b", "1");
        source.call("DEL", "a");
        source.call("FLUSHALL");
        source.call("SET", "c", "1");
        awaitEqual();
        source.call("SWAPDB", "0", "3");
        awaitEqual();
        assertThat(capture.status().fullSyncs()).isEqualTo(2);
        assertThat(changes)
                .extracting(Change::op)
                .doesNotContain(Op.COMMAND, Op.PUBLISH, Op.SWAPDB)
                .contains(Op.DEL, Op.FLUSH);
        assertThat(changes)
                .filteredOn(change -> change.op() == Op.FLUSH)
                .extracting(Change::key)
                .containsExactly(ChangeKey.controlOfAll(Op.FLUSH, "0"));
        assertThat(changes).allMatch(change -> change.stamp().prev().equals(Position.NONE));
        assertThat(changes)
                .filteredOn(change -> change.op() == Op.SNAPSHOT_END)
                .hasSize(2)
                .allMatch(end -> end.snapshot().counts() == null);
    }

    @Test
    void aValueThatDoesNotFitIntoARecordStopsACompactedTopic() {
        capture = capture(COMPACTED, ResumePoint.start(1));
        awaitEqual();
        source.call("CONFIG", "SET", "rdbcompression", "no");
        source.call("SET", "large", "x".repeat(2 * MAX_RECORD));
        assertThatThrownBy(this::awaitEqual)
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("max.record.bytes")
                .hasMessageNotContaining("large'");
    }

    @Test
    void whoMayNotReadStatesIsToldWhatIsMissing() {
        source.call("ACL", "SETUSER", "mute", "on", ">x", "~*", "+psync", "+replconf", "+ping", "+info");
        ReplicaOptions options = options("mute", "x", PLAIN);
        try (ReplicaCheck check = ReplicaCheck.connect(RedisAddress.parse(source.address()), options, 2_000)) {
            check.login();
            check.mayReplicate();
            assertThatThrownBy(check::mayReadStates)
                    .isInstanceOf(RedisCdcException.class)
                    .hasMessageContaining("ACL SETUSER mute +psync +replconf +ping ~* +multi +exec +select +dump"
                            + " +pexpiretime +info +memory|usage");
        }
    }

    /** It is another connection than that of the history. */
    @Test
    void aLostReadingIsRepeated() {
        capture = capture(PLAIN, ResumePoint.start(1));
        awaitEqual();
        for (int i = 0; i < 10; i++) {
            source.call("SET", "a", Integer.toString(i));
            source.call("CLIENT", "KILL", "TYPE", "normal", "SKIPME", "yes");
            awaitEqual();
        }
        assertThat(capture.status().fullSyncs()).isEqualTo(1);
    }

    /** Another client, as fast as it can. */
    private void increment() {
        String some =
                """
                INCR counter
                MULTI
                INCR left
                INCR right
                EXEC
                SELECT 3
                INCR counter
                SELECT 0
                EVAL "redis.call('INCR', 'left') return redis.call('INCR', 'left')" 0
                """;
        try (Socket socket = source.open()) {
            OutputStream out = socket.getOutputStream();
            InputStream in = socket.getInputStream();
            while (writing) {
                out.write(bytes(some));
                int seen = 0;
                do {
                    seen += in.read(new byte[4096]);
                } while (in.available() > 0);
                assertThat(seen).isPositive();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void note(ReplicaCapture commands, Map<ChangeKey, NavigableMap<Long, Long>> history) {
        List<Change> read = new ArrayList<>();
        commands.read(read, 5_000, 1, System.nanoTime());
        for (Change change : read) {
            if (change.op() == Op.COMMAND || change.op() == Op.SET) {
                NavigableMap<Long, Long> values = history.computeIfAbsent(change.key(), any -> new TreeMap<>());
                long before = values.isEmpty() ? 0 : values.lastEntry().getValue();
                values.put(change.stamp().position().offset(), change.op() == Op.SET ? value(change) : before + 1);
            }
        }
    }

    private void states(List<Change> states) {
        List<Change> read = new ArrayList<>();
        capture.read(read, 500, 1, System.nanoTime());
        read.stream().filter(change -> change.op() == Op.SET).forEach(states::add);
    }

    private static long value(Change state) {
        return Long.parseLong(new String(DumpPayload.string(state.state().dump()), StandardCharsets.US_ASCII));
    }

    private void write(Random random) {
        String key = "k" + random.nextInt(60);
        String other = "k" + random.nextInt(60);
        String db = Integer.toString(random.nextInt(4));
        switch (random.nextInt(40)) {
            case 0 -> source.call("SELECT", db);
            case 1 -> source.call("RENAME", key, other);
            case 2 -> source.call("MOVE", key, db);
            case 3 -> source.call("COPY", key, other, "DB", db, "REPLACE");
            case 4 -> source.call("SWAPDB", db, Integer.toString(random.nextInt(4)));
            case 5 -> source.call("PEXPIRE", key, "1");
            case 6 -> source.call("EXPIRE", key, "100000");
            case 7 -> {
                source.call("MULTI");
                source.call("APPEND", key, "x");
                source.call("SELECT", db);
                source.call("SET", other, "y");
                source.call("PUBLISH", "news", "tx");
                source.call("EXEC");
            }
            case 8 -> source.call("PUBLISH", "news", "x");
            case 9 -> source.call("COPY", key, other, "REPLACE");
            case 10 -> source.call("SET", key, "v".repeat(random.nextInt(300)));
            case 11 -> source.call("APPEND", "large", "0123456789".repeat(random.nextInt(800)));
            case 12 -> {
                if (random.nextInt(10) == 0) {
                    source.call(random.nextBoolean() ? "FLUSHDB" : "FLUSHALL");
                }
            }
            case 13 ->
                source.call(
                        "EVAL", "redis.call('SET', KEYS[1], 'e') return redis.call('DEL', KEYS[2])", "2", key, other);
            case 14 -> source.call("MSET", key, "m", other, "n");
            case 15 -> source.call("RPUSH", "list" + key, "a", "b");
            case 16 -> source.call("UNLINK", key, other);
            default -> source.call("SET", key, "" + random.nextLong());
        }
    }

    private void awaitEqual() {
        long deadline = System.nanoTime() + 40_000_000_000L;
        do {
            replay(5);
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
        } while (!hasSnapshot || !StateTarget.digest(source).equals(StateTarget.digest(target)));
    }

    private void replay(int times) {
        for (int i = 0; i < times; i++) {
            List<Change> read = new ArrayList<>();
            capture.read(read, 500, 5, System.nanoTime());
            read.forEach(this::apply);
        }
    }

    /** Does at the target what a sink does. */
    private void apply(Change change) {
        if (change.stamp().position().compareTo(applied) <= 0) {
            return;
        }
        assertThat(change.stamp().prev()).isLessThanOrEqualTo(applied);
        applied = change.stamp().position();
        changes.add(change);
        hasSnapshot |= change.op() == Op.SNAPSHOT_END;
        switch (change.op()) {
            case SET -> stateTarget.set(change);
            case DEL -> stateTarget.del(change.key());
            case FLUSH, SWAPDB -> {
                target.call("SELECT", Integer.toString(change.key().db()));
                target.call(change.command().args());
            }
            case SNAPSHOT_BEGIN -> target.call("FLUSHALL");
            default -> assertThat(change.op()).isIn(Op.FUNCTION, Op.PUBLISH, Op.SNAPSHOT_END);
        }
    }

    private ReplicaCapture capture(StateOptions states, ResumePoint from) {
        return new ReplicaCapture(options(null, null, states), from, StateRequests.NONE);
    }

    private ReplicaOptions options(String username, String password, StateOptions states) {
        return new ReplicaOptions(
                        List.of(RedisAddress.parse(source.address())),
                        ReadFrom.MASTER,
                        username,
                        password,
                        "0",
                        false,
                        MAX_RECORD,
                        0,
                        20_000,
                        AckMode.NONE,
                        link())
                .inStates(states);
    }

    private static LinkOptions link() {
        return new LinkOptions(2_000, 2_000, 60_000, SpoolOptions.memory(16 << 20));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
