package io.rediscdc.source.replica;

import static io.rediscdc.source.replica.MasterBytes.REPLID;
import static io.rediscdc.source.replica.MasterBytes.ascii;
import static io.rediscdc.source.replica.MasterBytes.command;
import static io.rediscdc.source.replica.MasterBytes.concat;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.model.Piece;
import io.rediscdc.model.Position;
import io.rediscdc.source.capture.StateRequests;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LargeCommandTest {

    private static final int MAX_RECORD_BYTES = 1024;
    private static final Position LAST = new Position(77, 480, 0);
    private static final ResumePoint FROM = new ResumePoint(REPLID, 500, 4, 77, List.of(LAST), 0);
    private static final byte[] CONTINUE = ascii("+CONTINUE " + REPLID + "\r\n");
    private static final byte[] SMALL = command("SET", "a", "1");
    private static final byte[] LARGE = command("SET", "big", text(5_000));

    private FakeMaster master;
    private ReplicaCapture capture;

    @BeforeEach
    void start() throws IOException {
        master = new FakeMaster();
        capture = capture(MAX_RECORD_BYTES, SpoolOptions.memory(1 << 20));
    }

    @AfterEach
    void stop() throws IOException {
        capture.close();
        master.close();
    }

    @Test
    void comesInPiecesBetweenOthers() {
        master.script(CONTINUE, concat(SMALL, LARGE, SMALL));

        List<Change> changes = read(9);

        long boundary = 500L + SMALL.length;
        assertLinked(changes, LAST);
        assertPieces(changes.subList(1, 8), LARGE);
        for (int i = 1; i < 7; i++) {
            assertThat(position(changes.get(i))).isEqualTo(new Position(77, boundary, i));
        }
        assertThat(position(changes.get(7))).isEqualTo(new Position(77, boundary + LARGE.length, 0));
        assertThat(changes.get(2).key().db()).isEqualTo(4);
        assertThat(changes.get(2).key().key()).isEqualTo(ascii("big"));
        assertThat(changes.get(2).key().part()).isEqualTo(1);
        assertThat(changes.get(8).command().piece()).isNull();
        assertThat(capture.resumePoint().offset()).isEqualTo(boundary + LARGE.length + SMALL.length);
    }

    /** So does the bound that a command must not reach to stay whole. */
    @Test
    void everySizeOfRecordGivesTheSameCommand() throws IOException {
        byte[] command = command("MSET", "a", text(3_000), "", "", "b", text(700), "c", "d");
        for (int bytes = 1024; bytes <= command.length + 10; bytes += bytes < 1200 ? 1 : 37) {
            try (FakeMaster other = new FakeMaster();
                    ReplicaCapture reader = capture(other, bytes, SpoolOptions.memory(1 << 20))) {
                other.script(CONTINUE, concat(command, SMALL));
                List<Change> changes = new ArrayList<>();
                while (changes.isEmpty() || last(changes).command().piece() != null) {
                    readOnce(reader, changes, 100);
                }
                assertLinked(changes, LAST);
                if (changes.size() > 2) {
                    assertPieces(changes.subList(0, changes.size() - 1), command);
                } else {
                    assertThat(changes.get(0).command().args()).hasNumberOfRows(9);
                }
            }
        }
    }

    @Test
    void isTheSameWhereverThePacketsAreSplit() throws IOException {
        byte[] large = command("SET", "big", text(2_000));
        byte[] whole = concat(CONTINUE, SMALL, large, SMALL);
        for (int cut = CONTINUE.length; cut < whole.length; cut += cut % 50 < 5 ? 1 : 11) {
            try (FakeMaster split = new FakeMaster();
                    ReplicaCapture reader = capture(split, MAX_RECORD_BYTES, SpoolOptions.memory(1 << 20))) {
                split.script(Arrays.copyOf(whole, cut), Arrays.copyOfRange(whole, cut, whole.length));
                List<Change> changes = read(reader, 5);
                assertLinked(changes, LAST);
                assertPieces(changes.subList(1, 4), large);
            }
        }
    }

    /** Forty times the spool, which is full for a while. */
    @Test
    void aSpoolThatIsSmallerSuffices() throws Exception {
        byte[] large = command("SET", "big", text(10_000_000));
        try (ReplicaCapture reader = capture(100_000, SpoolOptions.memory(2L * Chunk.BYTES))) {
            master.script(CONTINUE, concat(large, SMALL));
            List<Change> changes = new ArrayList<>();
            while (changes.isEmpty()) {
                readOnce(reader, changes, 1);
            }
            Thread.sleep(700);
            assertThat(reader.status().isSpoolStalled()).isTrue();
            while (changes.isEmpty() || last(changes).command().piece() != null) {
                readOnce(reader, changes, 2000);
            }
            assertPieces(changes.subList(0, changes.size() - 1), large);
            assertThat(reader.status().reconnects()).isZero();
        }
    }

    /** A resume point never lies inside, and tells the pieces of two attempts from each other. */
    @Test
    void beginsAnewAfterALostLink() {
        master.script(CONTINUE, SMALL, Arrays.copyOf(LARGE, 2_000), FakeMaster.hangUp());
        master.script(CONTINUE, concat(LARGE, SMALL));

        List<Change> changes = read(11);

        long boundary = 500L + SMALL.length;
        assertThat(master.asked).contains("PSYNC " + REPLID + " " + (boundary + 1));
        assertLinked(changes, LAST);
        assertThat(changes.subList(1, 5))
                .extracting(change -> change.command().piece().number())
                .containsExactly(0, 1, 0, 1);
        assertThat(position(changes.get(3))).isEqualTo(new Position(77, boundary, 3));
        assertPieces(changes.subList(3, 10), LARGE);
    }

    @Test
    void theResumePointStaysBeforeItAndKnowsOfItsPieces() throws IOException {
        master.script(CONTINUE, SMALL, Arrays.copyOf(LARGE, 2_000));

        List<Change> changes = read(3);

        ResumePoint point = capture.resumePoint();
        assertThat(point.offset()).isEqualTo(500 + SMALL.length);
        assertThat(point.last()).containsExactly(position(changes.get(2)));
        // A server that was replaced before it had sent all of it may go on without it.
        try (FakeMaster other = new FakeMaster();
                ReplicaCapture reader = new ReplicaCapture(
                        options(other, MAX_RECORD_BYTES, SpoolOptions.memory(1 << 20)), point, StateRequests.NONE)) {
            other.script(CONTINUE, SMALL);
            assertLinked(read(reader, 1), position(changes.get(2)));
        }
    }

    @Test
    void inATransactionItIsAMember() {
        byte[] tx = concat(
                command("MULTI"),
                command("INCR", "x"),
                command("SELECT", "7"),
                LARGE,
                command("INCR", "y"),
                LARGE,
                command("EXEC"));
        master.script(CONTINUE, tx, SMALL);

        List<Change> changes = read(17);

        assertLinked(changes, LAST);
        assertPieces(changes.subList(1, 8), LARGE);
        assertPieces(changes.subList(9, 16), LARGE);
        assertThat(changes.get(1).key().db()).isEqualTo(7);
        assertThat(changes.subList(0, 16))
                .extracting(change -> change.command().tx().index())
                .containsExactly(0, 1, 1, 1, 1, 1, 1, 1, 2, 3, 3, 3, 3, 3, 3, 3);
        assertThat(changes.subList(0, 15))
                .extracting(change -> change.command().tx().last())
                .containsOnly(false);
        assertThat(changes.get(15).command().tx().last()).isTrue();
        assertThat(capture.resumePoint().offset()).isEqualTo(500 + tx.length + SMALL.length);
    }

    @Test
    void aTransactionThatIsCutWithinItIsReadAgainFromItsBeginning() {
        byte[] begin = concat(command("MULTI"), command("INCR", "x"));
        master.script(CONTINUE, begin, Arrays.copyOf(LARGE, 2_000), FakeMaster.hangUp());
        master.script(CONTINUE, concat(begin, LARGE, command("EXEC"), SMALL));

        List<Change> changes = read(12);

        assertThat(master.asked.stream().filter(("PSYNC " + REPLID + " 501")::equals))
                .hasSize(2);
        assertLinked(changes.subList(3, 12), LAST);
        assertPieces(changes.subList(4, 11), LARGE);
        assertThat(position(changes.get(3))).isEqualTo(position(changes.get(0)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"PUBLISH", "FUNCTION", "EVAL", "UNKNOWN.COMMAND"})
    void whatHasNoKeyInSightComesUnderNone(String name) {
        byte[] large = command(name, text(2_000), "1", "k");
        master.script(CONTINUE, large, SMALL);

        List<Change> changes = read(4);

        assertPieces(changes.subList(0, 3), large);
        assertThat(new String(changes.get(0).key().key(), StandardCharsets.US_ASCII))
                .startsWith("__redis-cdc:");
        assertThat(changes.get(0).op())
                .isEqualTo(name.equals("PUBLISH") ? Op.PUBLISH : name.equals("FUNCTION") ? Op.FUNCTION : Op.COMMAND);
        assertThat(changes.get(0).stamp().slot()).isNull();
    }

    @Test
    void whatIsOursIsLeftOut() {
        byte[] ours = command("SADD", "__redis-cdc:repairs:x", text(3_000));
        byte[] tx = concat(command("MULTI"), SMALL, ours, command("EXEC"));
        master.script(CONTINUE, ours, SMALL, tx, command("PING"));

        List<Change> changes = read(2);

        assertLinked(changes, LAST);
        assertThat(changes.get(1).command().tx().last()).isTrue();
        assertThat(position(changes.get(0)).offset()).isEqualTo(500 + ours.length + SMALL.length);
        assertThat(capture.resumePoint().offset()).isGreaterThanOrEqualTo(500 + ours.length + SMALL.length + tx.length);
    }

    @Test
    void namesWhatIsNone() {
        master.script(CONTINUE, command("SELECT", text(2_000)));
        assertThatThrownBy(() -> read(1))
                .isInstanceOfSatisfying(
                        RedisCdcException.class, e -> assertThat(e.category()).isEqualTo(Category.PROTOCOL))
                .hasMessageContaining("select")
                .hasMessageContaining(REPLID + ":500");
    }

    private static void assertPieces(List<Change> changes, byte[] command) {
        ByteArrayOutputStream data = new ByteArrayOutputStream();
        int number = 0;
        for (Change change : changes) {
            Command piece = change.command();
            assertThat(piece.args()).isEmpty();
            assertThat(change.key().part()).isEqualTo(number);
            assertThat(piece.piece().number()).isEqualTo(number++);
            assertThat(piece.piece().last()).isEqualTo(number == changes.size());
            assertThat(piece.piece().layout()).isEqualTo(Piece.RESP);
            data.writeBytes(piece.piece().data());
            assertThat(piece.piece().elements()).isEqualTo(data.size());
        }
        assertThat(data.toByteArray()).isEqualTo(command);
    }

    private static void assertLinked(List<Change> changes, Position first) {
        Position prev = first;
        for (Change change : changes) {
            assertThat(change.stamp().prev()).isEqualTo(prev);
            assertThat(position(change).isAfter(prev)).isTrue();
            prev = position(change);
        }
    }

    private static Position position(Change change) {
        return change.stamp().position();
    }

    private static Change last(List<Change> changes) {
        return changes.get(changes.size() - 1);
    }

    private List<Change> read(int count) {
        return read(capture, count);
    }

    private static List<Change> read(ReplicaCapture capture, int count) {
        List<Change> changes = new ArrayList<>();
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(20);
        while (changes.size() < count && System.nanoTime() < deadline) {
            readOnce(capture, changes, count - changes.size());
        }
        assertThat(changes).hasSize(count);
        return changes;
    }

    private static void readOnce(ReplicaCapture capture, List<Change> into, int max) {
        List<Change> polled = new ArrayList<>();
        capture.read(polled, max, 5, System.nanoTime());
        into.addAll(polled);
    }

    private ReplicaCapture capture(int maxRecordBytes, SpoolOptions spool) {
        return capture(master, maxRecordBytes, spool);
    }

    private static ReplicaCapture capture(FakeMaster from, int maxRecordBytes, SpoolOptions spool) {
        return new ReplicaCapture(options(from, maxRecordBytes, spool), FROM, StateRequests.NONE);
    }

    private static ReplicaOptions options(FakeMaster from, int maxRecordBytes, SpoolOptions spool) {
        return new ReplicaOptions(
                List.of(from.address()),
                ReadFrom.REPLICA_PREFERRED,
                null,
                null,
                "0",
                true,
                maxRecordBytes,
                0,
                1500,
                AckMode.NONE,
                new LinkOptions(1000, 1000, 5000, spool));
    }

    private static String text(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }
}
