package io.rediscdc.command;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class NewStreamIdsTest {

    @ParameterizedTest
    @CsvSource({
        "XADD k 5-1 f v,                                  XADD k * f v",
        "xadd k * f v,                                    xadd k * f v",
        "XADD k NOMKSTREAM 5-1 f v g w,                   XADD k NOMKSTREAM * f v g w",
        "XADD k MAXLEN 100 5-1 f v,                       XADD k MAXLEN 100 * f v",
        "XADD k MAXLEN ~ 100 LIMIT 7 5-1 limit v,         XADD k MAXLEN ~ 100 LIMIT 7 * limit v",
        "XADD k NOMKSTREAM MINID = 3-0 5-1 f v,           XADD k NOMKSTREAM * f v",
        "XADD k MINID ~ 3-0 LIMIT 9 5-1 f v,              XADD k * f v",
        "XADD k MAXLEN = 3 LIMIT 0 KEEPREF 5-1 maxlen 1,  XADD k MAXLEN = 3 LIMIT 0 KEEPREF * maxlen 1",
        "XADD k DELREF IDMP p i 5-1 f v,                  XADD k DELREF IDMP p i * f v",
        "XADD k IDMPAUTO p 5-1 f v,                       XADD k IDMPAUTO p * f v",
        "XADD k MAXLEN,                                   XADD k MAXLEN",
        "XADD k MAXLEN =,                                 XADD k MAXLEN =",
        "XTRIM k MAXLEN 5,                                XTRIM k MAXLEN 5",
        "SET k 5-1,                                       SET k 5-1",
        "XREAD,                                           XREAD",
    })
    void anEntryGetsTheNextId(String command, String expected) {
        assertThat(text(NewStreamIds.of(args(command)))).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "XGROUP CREATE k g 0",
                "XACK k g 5-1",
                "XCLAIM k g c 0 5-1 FORCE",
                "xautoclaim k g c 0 0",
                "XDEL k 5-1",
                "XDELEX k IDS 1 5-1",
                "XACKDEL k g IDS 1 5-1",
                "XSETID k 5-1",
                "XREADGROUP GROUP g c STREAMS k >",
                "XTRIM k MINID 5-1"
            })
    void whatStandsAtIdsIsLeftOut(String command) {
        assertThat(NewStreamIds.of(args(command))).isNull();
    }

    private static byte[][] args(String command) {
        return Stream.of(command.split(" "))
                .map(arg -> arg.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
    }

    private static String text(byte[][] args) {
        return Stream.of(args)
                .map(arg -> new String(arg, StandardCharsets.US_ASCII))
                .collect(Collectors.joining(" "));
    }
}
