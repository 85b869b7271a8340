package io.rediscdc.command.piece;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.command.rebuild.Unsupported;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;
import io.rediscdc.format.rdb.value.ValueVisitor;
import io.rediscdc.format.resp.CommandReader;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.model.Piece;
import java.io.EOFException;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class PieceTest {

    private static final byte[] KEY = bytes("the key");

    private final List<Piece> pieces = new ArrayList<>();

    @ParameterizedTest
    @ValueSource(ints = {1024, 10_000, 1_000_000})
    void piecesAreWithinTheirBoundAndTellTheirElements(int max) throws IOException {
        Random random = new Random(max);
        long[] count = new long[1];
        cut(max, 20, value -> {
            for (int i = 0; i < 20_000; i++) {
                byte[] field = new byte[random.nextInt(100)];
                random.nextBytes(field);
                value.hashField(field, field, i % 10 == 0 ? 4_000_000_000_000L + i : ValueVisitor.NEVER);
                count[0] += i % 10 == 0 ? 2 : 1;
            }
        });
        assertThat(pieces).hasSizeGreaterThan(1);
        assertThat(pieces).allSatisfy(piece -> {
            assertThat(piece.data().length).isLessThanOrEqualTo(max - 20);
            assertThat(piece.layout()).isEqualTo(Piece.COMMANDS);
        });
        for (int i = 0; i < pieces.size(); i++) {
            assertThat(pieces.get(i).number()).isEqualTo(i);
            assertThat(pieces.get(i).last()).isEqualTo(i == pieces.size() - 1);
            long before = i == 0 ? 0 : pieces.get(i - 1).elements();
            assertThat(before + counted(pieces.get(i))).isEqualTo(pieces.get(i).elements());
        }
        assertThat(pieces.get(pieces.size() - 1).elements()).isEqualTo(count[0]);
        assertThat(pieces.stream().mapToLong(piece -> piece.data().length).sum() / pieces.size())
                .isGreaterThan(max / 2);
        assertThat(commands().stream().map(args -> new String(args[1], ISO_8859_1)))
                .containsOnly("the key");
    }

    @Test
    void stringsAreCutToFillPieces() throws IOException {
        int max = 100_000;
        byte[] text = new byte[1_234_567];
        new Random(1).nextBytes(text);
        cut(max, 10, value -> {
            int step = PieceWriter.decodeLimits(max).pieceBytes();
            for (int from = 0; from < text.length; from += step) {
                int to = Math.min(text.length, from + step);
                value.string(Arrays.copyOfRange(text, from, to), to == text.length);
            }
        });
        assertThat(pieces).hasSize(13);
        int at = 0;
        for (byte[][] args : commands()) {
            assertThat(new String(args[0], ISO_8859_1)).isEqualTo(at == 0 ? "SET" : "APPEND");
            assertThat(args[2]).isEqualTo(Arrays.copyOfRange(text, at, at + args[2].length));
            at += args[2].length;
        }
        assertThat(at).isEqualTo(text.length);
    }

    @Test
    void streamsKeepTheirKeyWhereverItStandsAndCanBeCutShort() throws IOException {
        cut(1024, 3, value -> {
            StreamVisitor stream = value.stream();
            stream.entry(new StreamId(1, 2), new byte[][] {bytes("f"), bytes("v")});
            stream.info(new StreamVisitor.Info(
                    1, new StreamId(5, 0), new StreamVisitor.Counters(new StreamId(1, 2), StreamId.ZERO, 7)));
            stream.group(bytes("g"), new StreamId(1, 2), 1);
            stream.consumer(bytes("c"), 10, 11);
            stream.pending(new StreamId(1, 1), 9, 3);
            stream.pending(new StreamId(1, 2), 9, 3);
        });
        assertThat(commands().stream().map(PieceTest::text))
                .containsExactly(
                        "XADD the key 1-2 f v",
                        "XSETID the key 5-0 ENTRIESADDED 7 MAXDELETEDID 0-0",
                        "XGROUP CREATE the key g 1-2 MKSTREAM ENTRIESREAD 1",
                        "XGROUP CREATECONSUMER the key g c",
                        "XCLAIM the key g c 0 1-1 1-2 TIME 9 RETRYCOUNT 3 FORCE JUSTID");
        PieceReader reader = new PieceReader(pieces.get(0).data());
        reader.next();
        reader.next();
        reader.next();
        assertThat(text(reader.args(6, KEY))).isEqualTo("XGROUP CREATE the key g 1-2 MKSTREAM");
        assertThat(pieces.get(0).elements()).isEqualTo(5);
    }

    @Test
    void anEmptyValueIsOnePieceWithoutCommands() throws IOException {
        PieceWriter writer = cut(1024, 3, value -> value.zsetMember(bytes("m"), Double.NaN));
        assertThat(pieces).hasSize(1);
        assertThat(pieces.get(0).last()).isTrue();
        assertThat(pieces.get(0).elements()).isZero();
        assertThat(commands()).isEmpty();
        assertThat(writer.losses()).isEqualTo(Map.of(Unsupported.NAN_SCORE, 1L));
    }

    @Test
    void namesAnElementOrAKeyThatIsTooLarge() {
        assertThatThrownBy(() -> cut(2000, 10, value -> value.setMember(new byte[1980])))
                .isInstanceOfSatisfying(
                        RedisCdcException.class, e -> assertThat(e.category()).isEqualTo(Category.UNSUPPORTED))
                .hasMessageContaining("an element of it takes 2009 bytes")
                .hasMessageContaining("raise max.record.bytes");
        assertThatThrownBy(() -> cut(2000, 1001, value -> {})).hasMessageContaining("its key leaves too little room");
    }

    @Test
    void readsNothingIntoDamagedPieces() throws IOException {
        cut(1024, 3, value -> {
            value.listElement(bytes("one"));
            value.listElement(bytes("two"));
        });
        byte[] data = pieces.get(0).data();
        Random random = new Random(5);
        for (int i = 0; i < 20_000; i++) {
            byte[] damaged = Arrays.copyOf(data, random.nextInt(4) == 0 ? random.nextInt(data.length) : data.length);
            for (int k = 0; k < 1 + random.nextInt(3) && damaged.length > 0; k++) {
                damaged[random.nextInt(damaged.length)] = (byte) random.nextInt(256);
            }
            try {
                PieceReader reader = new PieceReader(damaged);
                RespBuffer out = new RespBuffer(100);
                while (reader.next()) {
                    assertThat(reader.elements()).isLessThan(1 << 20);
                    reader.writeTo(out, KEY);
                }
            } catch (RedisCdcException e) {
                assertThat(e.category()).isIn(Category.PROTOCOL, Category.UNSUPPORTED);
            }
        }
        assertThatThrownBy(() -> new PieceReader(bytes("*2\r\n$4\r\nSADD\r\n$1\r\nk\r\n")).next())
                .as("a key")
                .hasMessageContaining("damaged");
    }

    private PieceWriter cut(int max, int keyLength, Consumer<ValueVisitor> value) {
        PieceWriter writer = new PieceWriter(
                max,
                keyLength,
                (number, last, elements, data) -> pieces.add(new Piece(number, last, Piece.COMMANDS, elements, data)));
        value.accept(writer.visitor());
        writer.finish();
        return writer;
    }

    private static long counted(Piece piece) {
        PieceReader reader = new PieceReader(piece.data());
        long elements = 0;
        while (reader.next()) {
            elements += reader.elements();
        }
        return elements;
    }

    /** As a server would read them. */
    private List<byte[][]> commands() throws IOException {
        RespBuffer out = new RespBuffer(100);
        for (Piece piece : pieces) {
            PieceReader reader = new PieceReader(piece.data());
            while (reader.next()) {
                reader.writeTo(out, KEY);
            }
        }
        List<byte[][]> commands = new ArrayList<>();
        CommandReader in = new CommandReader(new ArrayInput(out.toByteArray()));
        while (true) {
            try {
                commands.add(in.next());
            } catch (EOFException e) {
                return commands;
            }
        }
    }

    private static String text(byte[][] args) {
        StringBuilder line = new StringBuilder();
        for (byte[] arg : args) {
            line.append(line.length() == 0 ? "" : " ").append(new String(arg, ISO_8859_1));
        }
        return line.toString();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
