package io.rediscdc.sink.target;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.RdbType;
import io.rediscdc.model.Flavour;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RestoreSupportTest {

    private static final int RDB_VERSION = 9;

    /** A module's id, then its end mark. */
    private static final byte[] MODULE = DumpPayload.of(RdbType.MODULE_2, new byte[] {5, 0}, RDB_VERSION);

    private static final byte[] STRING = DumpPayload.of(RdbType.STRING, new byte[] {1, 'x'}, RDB_VERSION);

    /** rdbLoadObject of 4.0 to 6.0 exits where it lacks the module, also within RESTORE. */
    @Test
    void aServerThatWouldEndItselfGetsNoValueOfAModule() {
        RestoreSupport before62 = support(false);
        assertThat(before62.payload(MODULE, Flavour.REDIS)).isNull();
        assertThat(before62.payload(STRING, Flavour.REDIS)).isEqualTo(STRING);
        assertThat(before62.isFatal(restore("RESTORE", MODULE))).isTrue();
        assertThat(before62.isFatal(restore("restore-asking", MODULE))).isTrue();
        assertThat(before62.isFatal(restore("RESTORE", STRING))).isFalse();
        assertThat(before62.isFatal(restore("SORT", MODULE))).isFalse();
        assertThat(before62.isFatal(new byte[][] {bytes("RESTORE"), bytes("k"), bytes("0")}))
                .isFalse();
        assertThat(before62).asString().contains("would end itself");

        RestoreSupport later = support(true);
        assertThat(later.payload(MODULE, Flavour.REDIS)).isEqualTo(MODULE);
        assertThat(later.isFatal(restore("RESTORE", MODULE))).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"REDIS, 400, false", "REDIS, 600, false", "REDIS, 602, true", "REDIS, 806, true", "VALKEY, 702, true"})
    void whichThatAreTheVersionSays(Flavour flavour, int version, boolean survives) {
        TargetFacts facts = new TargetFacts(
                RedisAddress.parse("127.0.0.1:6379"), flavour, "", version, version, false, false, "noeviction");
        assertThat(facts.survivesModules()).isEqualTo(survives);
    }

    private static RestoreSupport support(boolean modules) {
        BitSet versions = new BitSet();
        versions.set(6, RDB_VERSION + 1);
        return new RestoreSupport(Flavour.REDIS, versions, modules, null);
    }

    private static byte[][] restore(String name, byte[] payload) {
        return new byte[][] {bytes(name), bytes("k"), bytes("0"), payload, bytes("REPLACE")};
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
