package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.source.scan.ScanOptions.MemoryLimit;
import java.util.ArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is left out of a scan, and how fast it goes. */
@Timeout(60)
class ScanLimitsIT extends ScanBed {

    @Test
    void readsOnlyWhatIsAskedFor() {
        keys.fill("");
        source.call("SELECT", "3");
        keys.fill("x:");
        source.call("SELECT", "4");
        keys.fill("x:");
        replayAll(new ScanSetup(source).match("x:*").type("hash").databases(3).capture());

        assertThat(replay.changes)
                .filteredOn(change -> change.op() == Op.SET)
                .extracting(Change::key)
                .allMatch(key -> key.db() == 3)
                .hasSize(1);
    }

    @Test
    void readsOnlyTheSlotsThatAreAskedFor() throws Exception {
        keys.populate(100);
        replayAll(new ScanSetup(source).slots("0-8191,16383").capture());
        assertThat(replay.sets).isBetween(20, 80);
        assertThat(replay.changes)
                .filteredOn(change -> change.op() == Op.SET)
                .allMatch(change ->
                        change.stamp().slot() < 8_192 || change.stamp().slot() == 16_383);
    }

    @Test
    void aKeyAboveTheMemoryLimitFailsOrIsLeftOut() {
        keys.fill("");
        source.call("SET", "fat", "x".repeat(200_000));
        replayAll(
                new ScanSetup(source).memory(new MemoryLimit(100_000, 5, false)).capture());
        assertThat(capture.status().keysLeftOut()).isEqualTo(1);
        source.call("DEL", "fat");
        assertEqual();
        capture.close();

        source.call("SET", "fat", "x".repeat(200_000));
        capture =
                new ScanSetup(source).memory(new MemoryLimit(100_000, 5, true)).capture();
        assertThatThrownBy(() -> {
                    while (true) {
                        capture.read(new ArrayList<>(), 100, 50, System.nanoTime());
                    }
                })
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("mem.limit")
                .hasMessageNotContaining("fat");
    }

    @ParameterizedTest
    @CsvSource({"2000, 0", "0, 200000"})
    void keepsToItsRate(long most, long bytes) throws Exception {
        keys.populate(3_000);
        ScanOptions options =
                new ScanSetup(source).keysPerSecond(most).bytesPerSecond(bytes).options();
        capture = start(options, ScanPoint.start(1));
        long start = System.nanoTime();
        replayAll();
        assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isBetween(1_100L, 10_000L);
    }
}
