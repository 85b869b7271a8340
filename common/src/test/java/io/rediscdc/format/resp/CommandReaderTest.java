package io.rediscdc.format.resp;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.management.ThreadMXBean;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.ByteInput;
import java.io.EOFException;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandReaderTest {

    @Test
    void readsCommandsAndTheirPositions() throws IOException {
        byte[] bytes = bytes("*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$1\r\na\r\n$0\r\n\r\n");
        CommandReader reader = new CommandReader(new ArrayInput(bytes));

        assertThat(reader.position()).isZero();
        assertThat(texts(reader.next())).containsExactly("PING");
        assertThat(reader.position()).isEqualTo(14);
        assertThat(texts(reader.next())).containsExactly("SET", "a", "");
        assertThat(reader.position()).isEqualTo(bytes.length);
        assertThatThrownBy(reader::next).isInstanceOf(EOFException.class);
        assertThat(reader.position()).isEqualTo(bytes.length);
    }

    @Test
    void countsFromWhereTheInputStood() throws IOException {
        ByteInput in = new ArrayInput(bytes("an RDB*1\r\n$4\r\nPING\r\n"));
        in.skip(6);
        CommandReader reader = new CommandReader(in);

        reader.next();

        assertThat(reader.position()).isEqualTo(14);
        assertThat(in.position()).isEqualTo(20);
    }

    @Test
    void skipsAndCountsEmptyLinesBetweenCommands() throws IOException {
        CommandReader reader =
                new CommandReader(new PiecewiseInput(bytes("\n\n*1\r\n$4\r\nPING\r\n\r\n\n*1\r\n$4\r\nEXEC\r\n"), 1));

        assertThat(texts(reader.next())).containsExactly("PING");
        assertThat(reader.position()).isEqualTo(16);
        assertThat(texts(reader.next())).containsExactly("EXEC");
        assertThat(reader.position()).isEqualTo(33);
    }

    /** The CRLF of an argument's end is data within the argument. */
    @Test
    void readsArgumentsThatLookLikeTheProtocol() throws IOException {
        byte[][] args = {
            bytes("SET"), bytes("\r\n*1\r\n$4\r\nPING\r\n"), bytes("\r\n"), bytes("$-1\r\n"), bytes("\0\n\r")
        };

        byte[][] read = new CommandReader(new ArrayInput(RespWriter.command(args))).next();

        assertThat(read).isDeepEqualTo(args);
    }

    @Test
    void readsTheSameHoweverTheBytesArrive() throws IOException {
        List<byte[][]> commands = randomCommands(new Random(7), 40, 60);
        byte[] bytes = encoded(commands);

        for (int piece = 1; piece <= bytes.length; piece = piece < 80 ? piece + 1 : piece * 2) {
            assertReads(commands, new PiecewiseInput(bytes, piece));
        }
        for (int split = 1; split < bytes.length; split++) {
            assertReads(commands, new PiecewiseInput(bytes, split, bytes.length));
        }
    }

    @Test
    void readsWhatWasWritten() throws IOException {
        Random random = new Random(42);
        for (int round = 0; round < 200; round++) {
            List<byte[][]> commands = randomCommands(random, 1 + random.nextInt(20), 1 + random.nextInt(3000));
            assertReads(
                    commands,
                    new PiecewiseInput(
                            encoded(commands),
                            1 + random.nextInt(100),
                            1 + random.nextInt(5000),
                            1 + random.nextInt(10)));
        }
    }

    @Test
    void readsLongArgumentsAndManyArguments() throws IOException {
        for (int length : new int[] {(1 << 20) - 1, 1 << 20, (1 << 20) + 1, 5_000_000, 8 << 20}) {
            byte[] value = new byte[length];
            new Random(length).nextBytes(value);
            CommandReader reader =
                    new CommandReader(new PiecewiseInput(RespWriter.command(bytes("SET"), bytes("k"), value), 65_536));

            assertThat(reader.next()[2]).isEqualTo(value);
        }
        byte[][] many = new byte[100_001][];
        for (int i = 0; i < many.length; i++) {
            many[i] = bytes(Integer.toString(i));
        }
        assertThat(new CommandReader(new ArrayInput(RespWriter.command(many))).next())
                .isDeepEqualTo(many);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '"',
            value = {
                "SET a b\\r\\n | before byte 1: found 'S' where a command has to begin",
                "+OK\\r\\n | before byte 1: found '+'",
                "$1\\r\\na\\r\\n | before byte 1: found '$'",
                "\\r* | before byte 2: found '*' instead of a line feed",
                "*\\r\\n | before byte 2: found '*' and then '\\r' where a length",
                "*x\\r\\n | before byte 2: found '*' and then 'x'",
                "*+1\\r\\n | before byte 2: found '*' and then '+'",
                "* 1\\r\\n | before byte 2: found '*' and then ' '",
                "*1 \\r\\n | before byte 3: found '*1' and then ' '",
                "*1\\n$4\\r\\nPING\\r\\n | before byte 3: found '*1' and then '\\n'",
                "*01\\r\\n | before byte 3: found '*0' and then '1'",
                "*-\\r\\n | before byte 3: found '*-' and then '\\r'",
                "*-0\\r\\n | before byte 3: found '*-' and then '0'",
                "*0\\r\\n | before byte 4: found '*0'",
                "*-1\\r\\n | before byte 5: found '*-1'",
                "*2147483648\\r\\n | found '*2147483648': no command has that many",
                "*99999999999999999999999\\r\\n | before byte 19: found '*99999999999999999' and then '9'",
                "*1\\r$ | before byte 4: found '$' instead of a line feed",
                "*1\\r\\n:4\\r\\n | before byte 5: found ':' where argument 1 of 1 has to begin",
                "*2\\r\\n$1\\r\\na\\r\\n*1\\r\\n | before byte 12: found '*' where argument 2 of 2",
                "*1\\r\\n$-1\\r\\n | found '$-1': argument 1 of 1 cannot have that length",
                "*1\\r\\n$-9223372036854775808\\r\\n | found '$-92233720368547758' and then '0'",
                "*1\\r\\n$1a\\r\\n | found '$1' and then 'a'",
                "*1\\r\\n$3.0\\r\\nabc\\r\\n | found '$3' and then '.'",
                "*1\\r\\n$3\\r\\nabcd\\r\\n | no CRLF after the 3 bytes",
                "*1\\r\\n$4\\r\\nabc\\r\\n* | no CRLF after the 4 bytes",
                "*1\\r\\n$3\\r\\nabc\\rx | no CRLF after the 3 bytes",
                "*1\\r\\n$3\\r\\nabc\\n\\r | no CRLF after the 3 bytes"
            })
    void refusesWhatNoServerWrites(String escaped, String message) {
        byte[] bytes = bytes(escaped.replace("\\r", "\r").replace("\\n", "\n"));

        for (int piece : new int[] {1, 1000}) {
            assertThatThrownBy(() -> new CommandReader(new PiecewiseInput(bytes, piece)).next())
                    .isInstanceOfSatisfying(RedisCdcException.class, e -> assertThat(e.category())
                            .isEqualTo(Category.PROTOCOL))
                    .hasMessageContaining(message);
        }
    }

    @ParameterizedTest
    @ValueSource(longs = {Integer.MAX_VALUE - 7, Integer.MAX_VALUE, 2147483648L, 1L << 40, 99999999999999999L})
    void saysThatAnArgumentIsTooLong(long length) {
        byte[] bytes = bytes("*1\r\n$" + length + "\r\nabc");

        assertThatThrownBy(() -> new CommandReader(new ArrayInput(bytes)).next())
                .isInstanceOfSatisfying(
                        RedisCdcException.class, e -> assertThat(e.category()).isEqualTo(Category.UNSUPPORTED))
                .hasMessageContaining("argument 1 of 1 has " + length + " bytes");
    }

    /** More than the test's heap, one after another: an allocation as announced would fail. */
    @Test
    void believesLengthsOnlyAsFarAsBytesArrive() {
        for (String lie :
                new String[] {"*2147483647\r\n$1\r\na\r\n", "*1\r\n$2147483639\r\nabc", "*1\r\n$1999999999\r\n"}) {
            long before = allocated();

            assertThatThrownBy(() -> new CommandReader(new ArrayInput(bytes(lie))).next())
                    .isInstanceOf(EOFException.class);

            assertThat(allocated() - before).as(lie).isLessThan(8 << 20);
        }
    }

    @Test
    void endsWithTheInputWhereverThatIs() throws IOException {
        byte[] whole = RespWriter.command("SET", "a", "value");
        byte[] bytes = RespWriter.command("PING");
        for (int cut = 0; cut < whole.length; cut++) {
            byte[] both = new byte[bytes.length + cut];
            System.arraycopy(bytes, 0, both, 0, bytes.length);
            System.arraycopy(whole, 0, both, bytes.length, cut);
            CommandReader reader = new CommandReader(new ArrayInput(both));
            reader.next();

            assertThatThrownBy(reader::next).isInstanceOf(EOFException.class);
            assertThat(reader.position()).isEqualTo(bytes.length);
        }
    }

    /** Nothing but its own exceptions comes out of bytes that were damaged. */
    @Test
    void survivesDamage() {
        Random random = new Random(3);
        for (int round = 0; round < 20_000; round++) {
            byte[] bytes = encoded(randomCommands(random, 3, 12));
            for (int i = random.nextInt(3); i >= 0; i--) {
                bytes[random.nextInt(bytes.length)] = (byte) "0123456789$*\r\n-x".charAt(random.nextInt(16));
            }
            CommandReader reader = new CommandReader(new ArrayInput(bytes));
            assertThatThrownBy(() -> {
                        for (; ; ) {
                            assertThat(reader.next().length).isPositive();
                        }
                    })
                    .isInstanceOfAny(RedisCdcException.class, EOFException.class);
        }
    }

    private static void assertReads(List<byte[][]> commands, ByteInput in) throws IOException {
        CommandReader reader = new CommandReader(in);
        long position = 0;
        for (byte[][] command : commands) {
            byte[][] read = reader.next();
            position += RespWriter.command(command).length;
            if (!Arrays.deepEquals(read, command) || reader.position() != position) {
                assertThat(read).isDeepEqualTo(command);
                assertThat(reader.position()).isEqualTo(position);
            }
        }
        assertThatThrownBy(reader::next).isInstanceOf(EOFException.class);
    }

    private static List<byte[][]> randomCommands(Random random, int count, int longest) {
        List<byte[][]> commands = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[][] args = new byte[1 + random.nextInt(6)][];
            for (int j = 0; j < args.length; j++) {
                args[j] = new byte[random.nextInt(longest + 1)];
                random.nextBytes(args[j]);
            }
            commands.add(args);
        }
        return commands;
    }

    private static byte[] encoded(List<byte[][]> commands) {
        RespBuffer buffer = new RespBuffer(16);
        commands.forEach(buffer::command);
        return buffer.toByteArray();
    }

    private static long allocated() {
        return ((ThreadMXBean) ManagementFactory.getThreadMXBean())
                .getThreadAllocatedBytes(Thread.currentThread().getId());
    }

    private static List<String> texts(byte[][] args) {
        List<String> texts = new ArrayList<>();
        for (byte[] arg : args) {
            texts.add(new String(arg, ISO_8859_1));
        }
        return texts;
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }
}
