package io.rediscdc.command;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import java.nio.charset.StandardCharsets;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ExpireTimeTest {

    private static final long NOW = 1_000_000;

    @ParameterizedTest
    @CsvSource({
        "EXPIRE k 5,                        1005000, PEXPIREAT k 1005000",
        "pexpire k 5,                       1000005, PEXPIREAT k 1000005",
        "EXPIREAT k 2000,                   2000000, PEXPIREAT k 2000000",
        "PEXPIREAT k 2000,                     2000, PEXPIREAT k 2000",
        "PEXPIREAT k 2000 GT,                  2000, PEXPIREAT k 2000",
        "GETEX k PX 7,                      1000007, PEXPIREAT k 1000007",
        "SET k v PXAT 77,                        77, SET k v PXAT 77",
        "set k v keepttl ex 1,              1001000, set k v keepttl PXAT 1001000",
        "SET k v NX PX 9 GET,               1000009, SET k v NX PXAT 1000009 GET",
        "SETEX k 3 v,                       1003000, SET k v PXAT 1003000",
        "PSETEX k 3 v,                      1000003, SET k v PXAT 1000003",
        "RESTORE k 8 dump,                  1000008, RESTORE k 1000008 dump ABSTTL",
        "RESTORE k 8 dump REPLACE ABSTTL,         8, RESTORE k 8 dump REPLACE ABSTTL",
        "MSETEX 2 ex v b v EX 4,            1004000, MSETEX 2 ex v b v PXAT 1004000"
    })
    void saysWhenAndBecomesAbsolute(String command, long atMs, String absolute) {
        ExpireTime time = ExpireTime.of(args(command));
        assertThat(time.atMs(NOW)).isEqualTo(atMs);
        assertThat(text(time.withAtMs(atMs))).isEqualTo(absolute);
        assertThat(ExpireTime.of(args(absolute)).isRelative()).isFalse();
        assertThat(ExpireTime.of(args(absolute)).atMs(NOW)).isEqualTo(atMs);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "SET ex 5",
                "SET k ex",
                "SET k v KEEPTTL",
                "PERSIST k",
                "GETEX k PERSIST",
                "RESTORE k 0 dump",
                "HPEXPIREAT k 5 FIELDS 1 f",
                "HSET k ex 5",
                "SETRANGE k 5 v",
                "PUBLISH c ex",
                "MSETEX 1 ex v"
            })
    void isNoneWhereNothingExpires(String command) {
        assertThat(ExpireTime.of(args(command))).isNull();
    }

    @Test
    void onlyRenewalsNeedTheKey() {
        assertThat(ExpireTime.of(args("PEXPIREAT k 5")).isRenewal()).isTrue();
        assertThat(ExpireTime.of(args("GETEX k PXAT 5")).isRenewal()).isTrue();
        assertThat(ExpireTime.of(args("SET k v PXAT 5")).isRenewal()).isFalse();
    }

    @Test
    void canBeLeftOut() {
        assertThat(text(ExpireTime.of(args("SET k v NX PX 9 GET")).withoutTime()))
                .isEqualTo("SET k v NX GET");
        assertThat(text(ExpireTime.of(args("PSETEX k 9 v")).withoutTime())).isEqualTo("SET k v");
        assertThat(ExpireTime.of(args("EXPIRE k 9")).withoutTime()).isNull();
    }

    @Test
    void farTimesDoNotOverflow() {
        assertThat(ExpireTime.of(args("EXPIREAT k 9999999999999999")).atMs(NOW)).isEqualTo(Long.MAX_VALUE);
    }

    @Test
    void refusesWhatIsNoNumberWithoutSayingIt() {
        assertThatThrownBy(() -> ExpireTime.of(args("EXPIRE k secret")))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("of 6 bytes")
                .hasMessageNotContaining("secret");
    }

    private static byte[][] args(String command) {
        return Stream.of(command.split(" ", -1))
                .map(arg -> arg.getBytes(StandardCharsets.US_ASCII))
                .toArray(byte[][]::new);
    }

    private static String text(byte[][] args) {
        return Stream.of(args)
                .map(arg -> new String(arg, StandardCharsets.US_ASCII))
                .collect(Collectors.joining(" "));
    }
}
