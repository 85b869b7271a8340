package io.rediscdc.slot;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import org.junit.jupiter.api.Test;

class SlotRangesTest {

    @Test
    void readsWhatItWrites() {
        for (String text : new String[] {"", "7", "0-5460,6000", "0-16383", "1,3,5-7"}) {
            assertThat(SlotRanges.parse(text)).hasToString(text);
        }
        assertThat(SlotRanges.parse("3,1-2")).hasToString("1-3");
    }

    @Test
    void refusesWhatIsNone() {
        for (String text : new String[] {"16384", "-1", "5-3", "a", "1,,2", "1-"}) {
            assertThatThrownBy(() -> SlotRanges.parse(text)).as(text).isInstanceOf(RedisCdcException.class);
        }
    }

    @Test
    void calculates() {
        SlotRanges some = SlotRanges.parse("0-9,20");
        assertThat(some.size()).isEqualTo(11);
        assertThat(some.minus(SlotRanges.parse("5-30"))).hasToString("0-4");
        assertThat(some.and(SlotRanges.parse("5-30"))).hasToString("5-9,20");
        assertThat(some.plus(SlotRanges.parse("10-19"))).hasToString("0-20");
        assertThat(some.contains(20)).isTrue();
        assertThat(some.contains(19)).isFalse();
    }

    @Test
    void partitionsHaveEverySlotOnce() {
        SlotRanges all = SlotRanges.NONE;
        for (int partition = 0; partition < 3; partition++) {
            SlotRanges its = SlotRanges.ofPartition(partition, 3);
            assertThat(all.and(its).isEmpty()).isTrue();
            all = all.plus(its);
        }
        assertThat(all).isEqualTo(SlotRanges.ALL);
    }
}
