package io.rediscdc.source.replica;

import static io.rediscdc.source.replica.MasterBytes.command;
import static io.rediscdc.source.replica.MasterBytes.disk;
import static io.rediscdc.source.replica.MasterBytes.fullResync;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.rediscdc.command.piece.PieceReader;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.Crc64;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Piece;
import io.rediscdc.model.Position;
import io.rediscdc.source.capture.Chain;
import io.rediscdc.source.capture.Stamper;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(60)
class LargeValueTest {

    private static final int MAX_RECORD_BYTES = 20_000;
    private static final int ELEMENTS = 20_000;
    private static final int LIST = 1;
    private static final int STRING = 0;

    @AfterEach
    void noThreadIsLeft() {
        await().atMost(5, TimeUnit.SECONDS).until(() -> Thread.getAllStackTraces().keySet().stream()
                .noneMatch(thread -> thread.getName().equals("redis-cdc-value")));
    }

    /** Ten times the spool's memory, in parts of any size, so that it stalls anywhere in it. */
    @ParameterizedTest
    @ValueSource(ints = {100, 5_000, 300_000})
    void comesInPiecesThroughASmallSpoolHoweverItArrives(int most) throws IOException {
        byte[] rdb = rdb();
        Random random = new Random(most);
        Spool spool = new Spool(SpoolOptions.memory(2L * Chunk.BYTES));
        SnapshotDecoder decoder = decoder(spool);
        InputStream in = new ByteArrayInputStream(rdb);
        List<Change> changes = new ArrayList<>();
        long stalls = 0;
        while (!decoder.ended()) {
            int left = 1 + random.nextInt(most);
            while (left > 0) {
                int n = spool.fill(new LimitedInput(in, left), 0);
                left = n <= 0 ? 0 : left - n;
            }
            stalls += readAll(spool, decoder, changes);
        }
        spool.close();
        assertThat(decoder.bytes()).isEqualTo(rdb.length);
        assertThat(stalls).isPositive();
        assertWhole(changes);
    }

    @Test
    void readsOnBehindIt() throws IOException {
        byte[] set = command("SET", "a", "1");
        try (FakeMaster master = new FakeMaster();
                ReplicaCapture capture = capture(master)) {
            master.script(fullResync(100), disk(rdb()), set);
            List<Change> changes = new ArrayList<>();
            while (changes.isEmpty() || changes.get(changes.size() - 1).op() != Op.COMMAND) {
                read(capture, changes, 2000);
            }
            assertWhole(changes.subList(0, changes.size() - 1));
            assertThat(capture.resumePoint().offset()).isEqualTo(100 + set.length);
        }
    }

    @Test
    void beginsAnewWhereTheLinkIsLostInTheMiddle() throws IOException {
        byte[] rdb = rdb();
        try (FakeMaster master = new FakeMaster();
                ReplicaCapture capture = capture(master)) {
            master.script(fullResync(100), disk(rdb, rdb.length / 2), FakeMaster.hangUp());
            master.script(fullResync(200), disk(rdb));
            List<Change> changes = new ArrayList<>();
            while (changes.isEmpty() || changes.get(changes.size() - 1).op() != Op.SNAPSHOT_END) {
                read(capture, changes, 2000);
            }
            int second = 1;
            while (changes.get(second).op() != Op.SNAPSHOT_BEGIN) {
                second++;
            }
            assertThat(changes.get(second - 1).state().piece().number()).isGreaterThan(10);
            assertThat(changes.get(second - 1).state().isComplete()).isFalse();
            assertWhole(changes.subList(second, changes.size()));
        }
    }

    /** {@link #noThreadIsLeft} tells. */
    @ParameterizedTest
    @ValueSource(booleans = {true, false})
    void closingEndsIt(boolean whileWaitingForBytes) throws Exception {
        byte[] rdb = rdb();
        try (FakeMaster master = new FakeMaster()) {
            ReplicaCapture capture = capture(master);
            master.script(fullResync(100), disk(rdb, rdb.length / 2));
            List<Change> changes = new ArrayList<>();
            while (changes.size() < 10) {
                read(capture, changes, 1);
            }
            assertThat(Thread.getAllStackTraces().keySet())
                    .extracting(Thread::getName)
                    .contains("redis-cdc-value");
            Thread reader = new Thread(() -> {
                for (int i = 0; whileWaitingForBytes && i < 3; i++) {
                    capture.read(new ArrayList<>(), 2000, 60_000, System.nanoTime());
                }
            });
            reader.start();
            if (whileWaitingForBytes) {
                await().until(() -> reader.getState() == Thread.State.TIMED_WAITING);
                Thread.sleep(200);
            }
            capture.close();
            reader.join(5_000);
            assertThat(reader.isAlive()).isFalse();
        }
    }

    @Test
    void aReadHandsOutNoMoreThanAFewMegabytes() throws IOException {
        byte[] zeros = new byte[50_000_000];
        Rdb rdb = new Rdb();
        rdb.key(STRING, "zeros").string(zeros);
        try (FakeMaster master = new FakeMaster();
                ReplicaCapture capture = capture(master)) {
            master.script(fullResync(100), disk(rdb.end()));
            long sum = 0;
            while (sum < zeros.length) {
                List<Change> changes = new ArrayList<>();
                read(capture, changes, 100_000);
                long bytes = changes.stream()
                        .filter(change -> change.op() == Op.SET)
                        .mapToLong(change -> change.state().piece().data().length)
                        .sum();
                assertThat(bytes).isLessThan(9 << 20);
                sum += bytes;
            }
        }
    }

    @Test
    void namesWhatCannotBeCut() throws IOException {
        Rdb rdb = new Rdb();
        rdb.key(LIST, "list").length(2).string(new byte[10]).string(new byte[MAX_RECORD_BYTES]);
        assertRefused(rdb, "key length 4, type list", "an element of it takes 20031 bytes", "raise max.record.bytes");

        Rdb module = new Rdb();
        // MODULE_2: id, then strings (opcode 5) until 0.
        module.key(7, "graph")
                .length(1L << 40)
                .bytes(5)
                .string(new byte[MAX_RECORD_BYTES])
                .bytes(0);
        assertRefused(module, "key length 5", "only its module knows how to cut it: raise max.record.bytes");

        Rdb longKey = new Rdb();
        longKey.key(STRING, "k".repeat(MAX_RECORD_BYTES / 2 + 1)).string(new byte[MAX_RECORD_BYTES]);
        assertRefused(longKey, "key length 10001, type string", "its key leaves too little room in max.record.bytes");
    }

    private static void assertRefused(Rdb rdb, String... words) throws IOException {
        try (FakeMaster master = new FakeMaster();
                ReplicaCapture capture = capture(master)) {
            master.script(fullResync(100), disk(rdb.end()));
            assertThatThrownBy(() -> {
                        List<Change> changes = new ArrayList<>();
                        while (changes.size() < 1000) {
                            read(capture, changes, 2000);
                        }
                    })
                    .isInstanceOfSatisfying(RedisCdcException.class, e -> assertThat(e.category())
                            .isEqualTo(Category.UNSUPPORTED))
                    .hasMessageContainingAll(words)
                    .hasMessageContaining(master.address().toString());
        }
    }

    /** A small string, a large list that expires, a small string, a large string. */
    private static byte[] rdb() {
        Rdb rdb = new Rdb();
        rdb.key(STRING, "small").string(new byte[7]);
        rdb.expireAt(4_000_000_000_000L).key(LIST, "list").length(ELEMENTS);
        for (int i = 0; i < ELEMENTS; i++) {
            rdb.string(element(i));
        }
        rdb.key(STRING, "between").string(new byte[7]);
        rdb.key(STRING, "string").string(new byte[100_000]);
        return rdb.end();
    }

    private static byte[] element(int number) {
        return Arrays.copyOf(Integer.toString(number).getBytes(StandardCharsets.US_ASCII), 100);
    }

    private static void assertWhole(List<Change> changes) {
        CaptureBed.assertLinked(changes, changes.get(0).stamp().prev());
        List<Piece> list = pieces(changes, "list");
        List<byte[]> elements = new ArrayList<>();
        for (int i = 0; i < list.size(); i++) {
            assertThat(list.get(i).number()).isEqualTo(i);
            assertThat(list.get(i).last()).isEqualTo(i == list.size() - 1);
            assertThat(list.get(i).data().length).isLessThanOrEqualTo(MAX_RECORD_BYTES);
            PieceReader commands = new PieceReader(list.get(i).data());
            while (commands.next()) {
                byte[][] args = commands.args(commands.size(), new byte[0]);
                elements.addAll(Arrays.asList(args).subList(2, args.length));
            }
        }
        assertThat(elements).hasSize(ELEMENTS);
        for (int i = 0; i < ELEMENTS; i++) {
            assertThat(elements.get(i)).isEqualTo(element(i));
        }
        assertThat(pieces(changes, "string").stream().mapToLong(Piece::elements).max())
                .hasValue(21);
        assertThat(changes)
                .filteredOn(change -> change.op() == Op.SET && change.state().isComplete())
                .extracting(change -> new String(change.key().key(), StandardCharsets.US_ASCII))
                .containsExactly("small", "list", "between", "string");
        assertThat(changes.get(changes.size() - 1).snapshot().counts()).containsExactly(4L);
    }

    private static List<Piece> pieces(List<Change> changes, String key) {
        List<Piece> pieces = new ArrayList<>();
        for (Change change : changes) {
            if (change.op() == Op.SET
                    && change.key().part() != null
                    && new String(change.key().key(), StandardCharsets.US_ASCII).equals(key)) {
                assertThat(change.key().part()).isEqualTo(change.state().piece().number());
                assertThat(change.state().type()).isEqualTo(key);
                assertThat(change.state().dump()).isNull();
                assertThat(change.state().expireAtMs()).isEqualTo(key.equals("list") ? 4_000_000_000_000L : null);
                pieces.add(change.state().piece());
            }
        }
        return pieces;
    }

    /** As {@link ReplicaCapture} does; returns how often it stalled. */
    private static int readAll(Spool spool, SnapshotDecoder decoder, List<Change> into) throws IOException {
        spool.patience(0);
        try {
            while (!decoder.ended()) {
                Change change = decoder.next(1);
                if (change != null) {
                    into.add(change);
                }
            }
            return 0;
        } catch (Spool.Stalled e) {
            spool.rewind();
            return 1;
        }
    }

    private static SnapshotDecoder decoder(Spool spool) {
        Stamper stamper = new Stamper(new Chain(List.of(Position.NONE)), new Origin("0", "n", "r"), 7, () -> null);
        return new SnapshotDecoder(spool, stamper, 100, MAX_RECORD_BYTES, false);
    }

    private static void read(ReplicaCapture capture, List<Change> into, int most) {
        List<Change> polled = new ArrayList<>();
        capture.read(polled, most, 5, System.nanoTime());
        into.addAll(polled);
    }

    private static ReplicaCapture capture(FakeMaster master) {
        return CaptureBed.capture(master, ResumePoint.start(1), MAX_RECORD_BYTES, 0);
    }

    /** The first so many bytes of another. */
    private static final class LimitedInput extends InputStream {
        private final InputStream in;
        private final int left;

        LimitedInput(InputStream in, int left) {
            this.in = in;
            this.left = left;
        }

        @Override
        public int read() throws IOException {
            return in.read();
        }

        @Override
        public int read(byte[] into, int offset, int length) throws IOException {
            return in.read(into, offset, Math.min(length, left));
        }
    }

    private static final class Rdb {
        private final ByteArrayOutputStream out = new ByteArrayOutputStream();

        Rdb() {
            out.writeBytes("REDIS0010".getBytes(StandardCharsets.US_ASCII));
            bytes(0xfe, 0);
        }

        Rdb key(int type, String key) {
            return bytes(type).string(key.getBytes(StandardCharsets.US_ASCII));
        }

        Rdb expireAt(long atMs) {
            bytes(0xfc);
            for (int i = 0; i < 8; i++) {
                bytes((int) (atMs >>> (8 * i)));
            }
            return this;
        }

        Rdb string(byte[] bytes) {
            length(bytes.length);
            out.writeBytes(bytes);
            return this;
        }

        Rdb length(long length) {
            bytes(0x81);
            out.writeBytes(ByteBuffer.allocate(8).putLong(length).array());
            return this;
        }

        Rdb bytes(int... bytes) {
            for (int each : bytes) {
                out.write(each);
            }
            return this;
        }

        byte[] end() {
            bytes(0xff);
            long crc = Crc64.update(0, out.toByteArray(), 0, out.size());
            for (int i = 0; i < 8; i++) {
                bytes((int) (crc >>> (8 * i)));
            }
            return out.toByteArray();
        }
    }
}
