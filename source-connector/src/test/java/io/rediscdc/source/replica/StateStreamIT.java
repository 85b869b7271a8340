package io.rediscdc.source.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** The stream of a real server, told in states. */
@Timeout(60)
class StateStreamIT extends StateBed {

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
}
