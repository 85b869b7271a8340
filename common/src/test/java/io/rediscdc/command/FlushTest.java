package io.rediscdc.command;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class FlushTest {

    @ParameterizedTest
    @ValueSource(strings = {"FLUSHALL", "flushall", "FlushAll"})
    void oneOfAllDatabasesIsKnownInAnyCase(String name) {
        assertThat(Flush.isOfAllDatabases(new byte[][] {name.getBytes(US_ASCII), "ASYNC".getBytes(US_ASCII)}))
                .isTrue();
    }

    @Test
    void oneOfOneDatabaseIsNot() {
        assertThat(Flush.isOfAllDatabases(new byte[][] {"FLUSHDB".getBytes(US_ASCII)}))
                .isFalse();
    }
}
