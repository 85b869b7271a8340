package io.rediscdc.standalone.replicate;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class RateTest {

    private static final long SECOND = 1_000_000_000L;

    private final Rate rate = new Rate();

    @Test
    void isZeroUntilItIsKnown() {
        assertThat(rate.perSecond()).isZero();
        rate.add(5 * SECOND, 100);
        assertThat(rate.perSecond()).isZero();
        rate.add(7 * SECOND, 300);
        assertThat(rate.perSecond()).isEqualTo(100);
    }

    @Test
    void forgetsWhatWasLongAgo() {
        rate.add(0, 0);
        rate.add(SECOND, 1_000_000);
        for (int s = 2; s < 10; s++) {
            rate.add(s * SECOND, 1_000_000 + s);
        }
        assertThat(rate.perSecond()).isEqualTo(1);
    }

    @Test
    void isNotNegativeWhenTheCountStartsAnew() {
        rate.add(0, 1000);
        rate.add(SECOND, 0);
        assertThat(rate.perSecond()).isZero();
    }
}
