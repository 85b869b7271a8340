package io.rediscdc.command;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class OtherDatabaseTest {

    @ParameterizedTest
    @CsvSource({
        "move key 3, 2",
        "MOVE key 3, 2",
        "copy from to DB 3, 4",
        "COPY from to db 3 REPLACE, 4",
        "COPY from to REPLACE DB 3, 5",
        "COPY db db, -1",
        "COPY from to REPLACE, -1",
        "COPY from to DB, -1",
        "MOVE key, -1",
        "DEL key 3, -1",
    })
    void isAmongTheArguments(String command, int index) {
        byte[][] args = args(command);
        assertThat(OtherDatabase.index(args)).isEqualTo(index);
        if (index != OtherDatabase.NONE) {
            assertThat(DatabaseNumber.at(args, index)).isEqualTo(3);
        }
    }

    @Test
    void mayBeNamedByMoveAndByCopy() {
        assertThat(OtherDatabase.mayBeNamed(args("Move"))).isTrue();
        assertThat(OtherDatabase.mayBeNamed(args("copy from to"))).isTrue();
        assertThat(OtherDatabase.mayBeNamed(args("rename from to"))).isFalse();
        assertThat(OtherDatabase.isMove(args("copy from to"))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"SWAPDB 0 x, 2", "SWAPDB 0, 2", "MOVE key 3x, 2"})
    void whatIsNoNumberIsRefused(String command, int index) {
        assertThatThrownBy(() -> DatabaseNumber.at(args(command), index))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining(command.split(" ", 2)[0])
                .hasMessageContaining("argument 2");
    }

    private static byte[][] args(String command) {
        return Arrays.stream(command.split(" ", -1))
                .map(word -> word.getBytes(US_ASCII))
                .toArray(byte[][]::new);
    }
}
