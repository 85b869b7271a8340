package io.rediscdc.slot;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;

class SlotTagTest {

    @Test
    void putsAKeyIntoEverySlot() {
        for (int slot = 0; slot < Slot.COUNT; slot++) {
            String key = "prefix:{" + SlotTag.of(slot) + "}:suffix}{x}";
            assertThat(Slot.of(key.getBytes(StandardCharsets.UTF_8))).isEqualTo(slot);
        }
    }
}
