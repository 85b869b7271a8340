package io.rediscdc.command;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Locale;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CommandTableTest {

    private static final CommandTable TABLE = CommandTable.standard();

    @Test
    void findsEveryNameInAnyCase() {
        Set<String> names = new HashSet<>();
        for (CommandSpec spec : TABLE.specs()) {
            String upper = spec.name().toUpperCase(Locale.ROOT);
            String mixed = upper.charAt(0) + spec.name().substring(1);
            for (String name : new String[] {spec.name(), upper, mixed}) {
                assertThat(TABLE.spec(name.getBytes(UTF_8))).as(name).isSameAs(spec);
            }
            assertThat(names.add(spec.name())).as(spec.name()).isTrue();
        }
        assertThat(names).hasSizeGreaterThan(200);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "s", "sett", "get", "@ET", "SET ", "json.get", "module.write"})
    void hasNoKeysForWhatItDoesNotKnow(String name) {
        byte[][] args = {name.getBytes(UTF_8), {1}, {2}};

        CommandSpec spec = TABLE.spec(args);

        assertThat(spec.kind()).isEqualTo(CommandKind.UNKNOWN);
        assertThat(spec.keys(args)).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "SELECT 3, SELECT",
        "MULTI, MULTI",
        "EXEC, EXEC",
        "PING, PING",
        "REPLCONF GETACK *, REPLCONF",
        "FLUSHALL, FLUSH",
        "flushdb ASYNC, FLUSH",
        "SWAPDB 0 1, SWAPDB",
        "FUNCTION LOAD code, FUNCTION",
        "SCRIPT LOAD code, SCRIPT",
        "PUBLISH channel message, PUBLISH",
        "CLUSTER SYNCSLOTS CONF a b, CLUSTER",
        "TRIMSLOTS RANGES 1 0 5, CLUSTER",
        "FT._CREATEIFNX index, OTHER"
    })
    void tellsWhatHasNoKeys(String command, CommandKind kind) {
        byte[][] args = args(command);

        assertThat(TABLE.spec(args).kind()).isEqualTo(kind);
        assertThat(TABLE.spec(args).keys(args)).isEmpty();
    }

    /** Commands newer than the installed server, or of modules: positions from their JSON and their registrations. */
    @ParameterizedTest
    @CsvSource({
        "HSETEX h KEEPTTL FIELDS 1 f v, 1",
        "HGETEX h PERSIST FIELDS 1 f, 1",
        "HGETDEL h FIELDS 1 f, 1",
        "HEXPIRE h 10 FIELDS 1 f, 1",
        "HPEXPIREAT h 10 FIELDS 1 f, 1",
        "HPERSIST h FIELDS 1 f, 1",
        "DELEX k IFEQ v, 1",
        "DELIFEQ k v, 1",
        "MSETEX 2 a 1 b 2 PXAT 5, 2 4",
        "MSETEX 1 a 1, 2",
        "XDELEX s KEEPREF IDS 1 1-1, 1",
        "XACKDEL s g IDS 1 1-1, 1",
        "XCFGSET s IDMP-DURATION 5, 1",
        "XIDMPRECORD s p i 1-1, 1",
        "XREADGROUP GROUP g c CLAIM 5 COUNT 2 STREAMS a b > >, 9 10",
        "XREADGROUP COUNT 5 GROUP g streams STREAMS a 0-0, 7",
        "VADD v FP32 blob e, 1",
        "SPUBLISH channel message, 1",
        "JSON.SET doc $ 1, 1",
        "JSON.MSET a $ 1 b $ 2, 1 4",
        "BF.ADD b e, 1",
        "CF.INSERT c ITEMS e, 1",
        "CMS.MERGE dst 2 a b WEIGHTS 1 2, 1 3 4",
        "TDIGEST.MERGE dst 1 a OVERRIDE, 1 3",
        "TS.ADD t 1 2, 1",
        "TS.MADD t 1 2 u 1 2, 1 4",
        "TS.CREATERULE a b AGGREGATION avg 5, 1 2",
        "MIGRATE host 1 '' 0 5 AUTH keys KEYS a b, 9 10",
        "PFCOUNT a b, 1 2",
        "PFMERGE a, 1"
    })
    void findsKeys(String command, String expected) {
        byte[][] args = args(command);
        int[] keys = Arrays.stream(expected.split(" ", -1))
                .mapToInt(Integer::parseInt)
                .toArray();

        assertThat(TABLE.spec(args).keys(args)).isEqualTo(keys);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET",
                "RENAME a",
                "COPY a",
                "DEL",
                "MSET",
                "MSET a",
                "MSET a 1 b",
                "JSON.MSET a $ 1 b",
                "BITOP AND",
                "XGROUP",
                "EVAL code",
                "EVAL code 1",
                "EVAL code 2 a",
                "EVAL code -1 a",
                "EVAL code x a",
                "EVAL code 9999999999 a",
                "EVAL code '' a",
                "ZUNIONSTORE dst",
                "ZUNIONSTORE dst 0 a",
                "ZUNIONSTORE dst 2 a",
                "LMPOP 0 LEFT",
                "LMPOP",
                "LMPOP 3 a b",
                "BLMPOP 0",
                "BLMPOP 0 999999999 a",
                "MSETEX 1 a",
                "MSETEX 2 a 1 b",
                "BLPOP 0",
                "SORT",
                "SORT a STORE",
                "GEORADIUS a 1 2 3",
                "GEORADIUS a 1 2 3 m STORE",
                "XREADGROUP GROUP g c",
                "XREADGROUP GROUP g c STREAMS",
                "XREADGROUP GROUP g c STREAMS a b 0",
                "MIGRATE h p",
                "MIGRATE h p '' 0 5 KEYS"
            })
    void refusesCommandsThatLackTheirKeys(String command) {
        byte[][] args = args(command);
        CommandSpec spec = TABLE.spec(args);

        assertThatThrownBy(() -> spec.keys(args))
                .isInstanceOfSatisfying(
                        RedisCdcException.class, e -> assertThat(e.category()).isEqualTo(Category.PROTOCOL))
                .hasMessageContaining(spec.name() + " with " + (args.length - 1) + " arguments");
    }

    @Test
    void sharesTheIndexesOfUsualCommands() {
        for (String command :
                new String[] {"SET a 1", "HSET h f v", "DEL a b c", "MSET a 1 b 2", "EVAL code 1 k", "SORT a"}) {
            byte[][] args = args(command);
            CommandSpec spec = TABLE.spec(args);

            assertThat(spec.keys(args)).as(command).isSameAs(spec.keys(args));
        }
    }

    @Test
    void findsAnyNumberOfKeys() {
        for (int count = 1; count < 100; count++) {
            byte[][] args = new byte[1 + 2 * count][];
            Arrays.fill(args, new byte[] {'k'});
            args[0] = "mset".getBytes(UTF_8);

            int[] keys = TABLE.spec(args).keys(args);

            assertThat(keys).hasSize(count).startsWith(1).endsWith(2 * count - 1);
        }
    }

    private static byte[][] args(String command) {
        return Arrays.stream(command.split(" ", -1))
                .map(arg -> arg.equals("''") ? "" : arg)
                .map(arg -> arg.getBytes(UTF_8))
                .toArray(byte[][]::new);
    }
}
