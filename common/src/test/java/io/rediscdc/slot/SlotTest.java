package io.rediscdc.slot;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class SlotTest {

    @Test
    void hasTheCheckValueOfTheAlgorithm() {
        assertThat(Slot.of("123456789".getBytes(UTF_8))).isEqualTo(0x31C3);
    }

    @Test
    void givesEachPartitionAContiguousShare() {
        for (int partitions : new int[] {1, 2, 3, 7, 64, 1000, 16384}) {
            int[] slots = new int[partitions];
            int previous = 0;
            for (int slot = 0; slot < Slot.COUNT; slot++) {
                int partition = Slot.partition(slot, partitions);
                assertThat(partition).isBetween(previous, previous + 1);
                slots[partition]++;
                previous = partition;
            }
            assertThat(slots).containsOnly(Slot.COUNT / partitions, (Slot.COUNT + partitions - 1) / partitions);
        }
    }
}
