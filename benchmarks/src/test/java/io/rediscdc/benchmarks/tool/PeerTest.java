package io.rediscdc.benchmarks.tool;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class PeerTest {

    @Test
    void readsTheChildrensTimes() {
        assertThat(Peer.childSeconds("copied\n0m0.010s 0m0.020s\n1m2.500s 0m0.250s\n"))
                .isEqualTo(62.75);
    }

    @Test
    void noTimesAreNone() {
        assertThat(Peer.childSeconds("copied\n")).isZero();
    }
}
