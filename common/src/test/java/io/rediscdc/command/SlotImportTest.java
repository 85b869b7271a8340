package io.rediscdc.command;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.slot.SlotRanges;
import java.nio.charset.StandardCharsets;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** As recorded of Valkey 9.1.2 and Redis 8.6.3. */
class SlotImportTest {

    @Test
    void ofValkey() {
        assertThat(of("CLUSTER SYNCSLOTS ESTABLISH SOURCE e971 NAME c8d0 SLOTSRANGE 1584 1716 7 7"))
                .isEqualTo(new SlotImport("c8d0", SlotRanges.parse("7,1584-1716"), false));
        assertThat(of("CLUSTER SYNCSLOTS FINISH STATE SUCCESS NAME c8d0 MESSAGE x"))
                .isEqualTo(new SlotImport("c8d0", null, true));
        assertThat(of("CLUSTER SYNCSLOTS FINISH STATE FAILED NAME c8d0 MESSAGE x"))
                .isEqualTo(new SlotImport("c8d0", null, true));
    }

    @Test
    void ofRedis() {
        SlotRanges slots = SlotRanges.parse("7,1584-1716");
        assertThat(task("302f:46b7:63d0:import:connecting:7-7 1584-1716"))
                .isEqualTo(new SlotImport("302f", slots, false));
        for (String state : new String[] {"completed", "failed", "canceled"}) {
            assertThat(task("302f:46b7:63d0:import:" + state + ":7,1584-1716"))
                    .isEqualTo(new SlotImport("302f", slots, true));
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "TRIMSLOTS RANGES 1 1584 1716",
                "CLUSTER SYNCSLOTS ACK",
                "CLUSTER SYNCSLOTS SNAPSHOT-EOF x",
                "CLUSTER SYNCSLOTS CONF SLOT-INFO 1584:11:1",
                "CLUSTER SYNCSLOTS CONF ASM-TASK 302f:46b7:63d0:migrate:completed:1584-1716",
                "CLUSTER SYNCSLOTS CONF ASM-TASK 302f:46b7",
                "CLUSTER SYNCSLOTS CONF ASM-TASK 302f:46b7:63d0:import:connecting:all",
                "CLUSTER SYNCSLOTS ESTABLISH SOURCE e971 NAME c8d0",
                "SET SYNCSLOTS ESTABLISH NAME"
            })
    void nothingElse(String command) {
        assertThat(of(command)).isNull();
    }

    private static SlotImport of(String command) {
        return SlotImport.of(bytes(command.split(" ", -1)));
    }

    private static SlotImport task(String text) {
        return SlotImport.of(bytes("CLUSTER", "SYNCSLOTS", "CONF", "ASM-TASK", text));
    }

    private static byte[][] bytes(String... args) {
        return Stream.of(args).map(arg -> arg.getBytes(StandardCharsets.UTF_8)).toArray(byte[][]::new);
    }
}
