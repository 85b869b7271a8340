package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

class SilenceTest {

    private long seconds;
    private final Silence silence = new Silence(() -> TimeUnit.SECONDS.toNanos(seconds));

    @Test
    void isSaidEveryMinuteWhereHeartbeatsWereHeard() {
        silence.broken();
        silence.beat();
        assertThat(after(59)).isFalse();
        assertThat(after(1)).isTrue();
        assertThat(after(59)).isFalse();
        assertThat(after(1)).isTrue();
        silence.broken();
        assertThat(after(59)).isFalse();
        assertThat(after(1)).isTrue();
    }

    @Test
    void isSaidOnceWhereNothingHasBeenHeard() {
        assertThat(after(60)).isTrue();
        assertThat(after(600)).isFalse();
    }

    @Test
    void isNormalWhereNoHeartbeatsAreSent() {
        silence.broken();
        assertThat(after(600)).isFalse();
    }

    private boolean after(long more) {
        seconds += more;
        return silence.goesOn();
    }
}
