package io.rediscdc.sink.expiry;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class LossesTest {

    private final Losses losses = new Losses();

    @Test
    void areRuledOutWhileTheCountStaysWhatItWasAtRest() {
        losses.connected(new LossCount("run", 7, 0));
        losses.startAt(null);
        assertThat(losses.areRuledOut()).as("not known").isFalse();
        losses.executed(stats(7, 0), false);
        assertThat(losses.areRuledOut()).as("not at rest").isFalse();

        losses.executed(stats(9, 0), true);
        assertThat(losses.atRest()).isEqualTo(new LossCount("run", 9, 0));
        losses.executed(stats(9, 0), false);
        assertThat(losses.areRuledOut()).isTrue();
        losses.executed(stats(10, 0), false);
        assertThat(losses.areRuledOut()).isFalse();
        losses.executed(stats(9, 0), false);
        assertThat(losses.areRuledOut())
                .as("known for good that some have gone")
                .isFalse();
    }

    @Test
    void evictedKeysHaveGoneToo() {
        losses.connected(new LossCount("run", 0, 3));
        losses.startAt(new LossCount("run", 0, 3));
        assertThat(losses.areRuledOut()).isTrue();
        losses.executed(stats(0, 4), false);
        assertThat(losses.areRuledOut()).isFalse();
    }

    @Test
    void anotherServerSaysNothingOfTheLast() {
        losses.connected(new LossCount("run", 0, 0));
        losses.startAt(new LossCount("run", 0, 0));
        losses.connected(new LossCount("another", 0, 0));
        assertThat(losses.areRuledOut()).isFalse();
        losses.executed(stats(0, 0), true);
        assertThat(losses.atRest()).isEqualTo(new LossCount("another", 0, 0));
        losses.connected(null);
        assertThat(losses.areRuledOut()).isFalse();
        assertThat(losses.areCounted()).isFalse();
    }

    @Test
    void aServerThatDoesNotCountIsNoneThatHasLetNoneGo() {
        assertThat(LossCount.of("run", "# Stats\r\nexpired_keys:5\r\n")).isNull();
        assertThat(LossCount.of("run", "# Stats\r\nexpired_keys:\r\nevicted_keys:1\r\n"))
                .isNull();
        assertThat(LossCount.of(null, stats(1, 2))).isNull();
        assertThat(LossCount.of("run", stats(12, 345))).isEqualTo(new LossCount("run", 12, 345));
    }

    @Test
    void readsItsOwnText() {
        LossCount count = new LossCount("run", 12, 345);
        assertThat(LossCount.parse(count.text())).isEqualTo(count);
        assertThat(LossCount.parse("")).isNull();
        assertThat(LossCount.parse(null)).isNull();
        assertThat(LossCount.parse("run:1")).isNull();
        assertThat(LossCount.parse("run:one:2")).isNull();
    }

    private static String stats(long expired, long evicted) {
        return "# Stats\r\nexpired_subkeys:99\r\nexpired_keys:" + expired
                + "\r\nexpired_stale_perc:0.00\r\nevicted_keys:" + evicted + "\r\nevicted_clients:0\r\n";
    }
}
