package io.rediscdc.format.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.command.CommandTable;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.ByteInput;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CommandCutterTest {

    private static final byte[] BEHIND = bytes("*1\r\n$4\r\nPING\r\n");

    /** Arguments of any length, so that pieces end before, in and behind headers, arguments and their ends. */
    @Test
    void thePiecesAreTheCommandWhateverTheirSize() throws IOException {
        Random random = new Random(5);
        for (int size = 64; size < 900; size++) {
            byte[] command = RespWriter.command(randomArgs(random));
            ByteInput in = new PiecewiseInput(concat(command, BEHIND), 1 + random.nextInt(200));
            CommandCutter cutter = new CommandCutter(in, size);
            ByteArrayOutputStream pieces = new ByteArrayOutputStream();
            while (!cutter.isOver()) {
                byte[] piece = cutter.next();
                assertThat(piece.length).isBetween(cutter.isOver() ? 1 : size - 24, size);
                pieces.write(piece);
                assertThat(cutter.length()).isEqualTo(pieces.size());
            }
            assertThat(pieces.toByteArray()).isEqualTo(command);
            assertThat(new CommandReader(in).next()).isDeepEqualTo(new byte[][] {bytes("PING")});
        }
    }

    /** As a spool does that has nothing more for now. */
    @ParameterizedTest
    @ValueSource(ints = {64, 65, 100, 1000, 100_000})
    void isReadAgainFromThePiecesBegin(int size) throws IOException {
        byte[] command = RespWriter.command(randomArgs(new Random(size)));
        ByteArrayOutputStream pieces = new ByteArrayOutputStream();
        Growing in = new Growing(command);
        CommandCutter cutter = new CommandCutter(in, size);
        while (!cutter.isOver()) {
            in.mark();
            try {
                pieces.write(cutter.next());
            } catch (EOFException e) {
                in.rewindAndGrow();
            }
        }
        assertThat(pieces.toByteArray()).isEqualTo(command);
    }

    @Test
    void emptyLinesBeforeItAreNoPartOfIt() throws IOException {
        CommandCutter cutter = new CommandCutter(new ArrayInput(bytes("\n\r\n*1\r\n$4\r\nPING\r\n")), 64);
        assertThat(cutter.next()).isEqualTo(BEHIND);
        assertThat(cutter.isOver()).isTrue();
    }

    @Test
    void theHeadIsWhatTheFirstPieceHasWhole() throws IOException {
        assertThat(keys("SET", "k", "v".repeat(1000))).containsExactly(1);
        assertThat(keys("SET", "k".repeat(1000), "v")[0]).isEqualTo(1);
        assertThat(keys("MSET", "a", "v".repeat(1000), "b", "v")).containsExactly(1, 3);
        assertThat(keys("EVAL", "s", "1", "k", "v".repeat(1000))).containsExactly(3);
        assertThat(keys("EVAL", "s".repeat(1000), "1", "k")).isEmpty();
        assertThat(head("MSET", "a", "v".repeat(1000), "b", "v")).containsExactly("MSET", "a", "", "", "");
    }

    @Test
    void manyArgumentsAreNotBelievedBeforeTheyCome() throws IOException {
        byte[] begin = bytes("*2000000001\r\n$4\r\nMSET\r\n$1\r\na\r\n$900\r\n" + "v".repeat(100));
        CommandCutter cutter = new CommandCutter(new ArrayInput(begin), 64);
        cutter.next();
        assertThat(cutter.head()).hasNumberOfRows((1 << 20) + 1);
        assertThat(CommandTable.standard().spec(cutter.head()).keysOfHead(cutter.head())[0])
                .isEqualTo(1);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "+OK\r\n",
                "*0\r\n",
                "*1\r\n:4\r\n",
                "*1\r\n$-1\r\n",
                "*1\r\n$04\r\nPING\r\n",
                "*1\r\n$4\r\nPINGx\n"
            })
    void refusesWhatNoServerWrites(String text) {
        assertThatThrownBy(() -> new CommandCutter(new ArrayInput(bytes(text)), 64).next())
                .isInstanceOfSatisfying(
                        RedisCdcException.class, e -> assertThat(e.category()).isEqualTo(Category.PROTOCOL));
    }

    @Test
    void aReaderWithABoundLeavesIt() throws IOException {
        byte[] command = bytes("*2\r\n$3\r\nGET\r\n$5\r\nhello\r\n");
        int length = command.length - "*2\r\n".length() - 2;
        assertThat(new CommandReader(new ArrayInput(command), length).next()).hasNumberOfRows(2);
        assertThatThrownBy(() -> new CommandReader(new ArrayInput(command), length - 1).next())
                .isInstanceOf(LargeCommandException.class);
        // By what is announced, before it is there.
        assertThatThrownBy(() -> new CommandReader(new ArrayInput(bytes("*1\r\n$3000000000\r\n")), 100).next())
                .isInstanceOf(LargeCommandException.class);
    }

    private static int[] keys(String... args) throws IOException {
        byte[][] head = cut(args).head();
        return CommandTable.standard().spec(head).keysOfHead(head);
    }

    private static String[] head(String... args) throws IOException {
        return Arrays.stream(cut(args).head())
                .map(arg -> new String(arg, ISO_8859_1))
                .toArray(String[]::new);
    }

    private static CommandCutter cut(String... args) throws IOException {
        CommandCutter cutter = new CommandCutter(new ArrayInput(RespWriter.command(args)), 100);
        cutter.next();
        return cutter;
    }

    private static byte[][] randomArgs(Random random) {
        byte[][] args = new byte[1 + random.nextInt(60)][];
        for (int i = 0; i < args.length; i++) {
            args[i] = new byte[random.nextInt(5) == 0 ? random.nextInt(3000) : random.nextInt(12)];
            random.nextBytes(args[i]);
        }
        return args;
    }

    private static byte[] concat(byte[] a, byte[] b) {
        byte[] both = Arrays.copyOf(a, a.length + b.length);
        System.arraycopy(b, 0, both, a.length, b.length);
        return both;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    /** Has a few bytes more each time that it has been read to its end. */
    private static final class Growing extends ByteInput {
        private final int all;
        private int marked;

        Growing(byte[] bytes) {
            super(bytes, 0, 1);
            all = bytes.length;
        }

        void mark() {
            saveMark();
            marked = next;
        }

        void rewindAndGrow() {
            limit = Math.min(all, limit + 7);
            restoreMark(marked);
        }

        @Override
        protected void refill() throws EOFException {
            throw new EOFException("nothing more for now");
        }
    }
}
