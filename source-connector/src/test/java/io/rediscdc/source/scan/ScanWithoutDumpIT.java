package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.source.StateTarget;
import io.rediscdc.testing.RedisServer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A server that refuses DUMP is read by the commands of the types. */
@Timeout(60)
class ScanWithoutDumpIT extends ScanBed {

    @ParameterizedTest
    @ValueSource(strings = {"-dump", "-dump -memory", "-dump -multi"})
    void aServerThatRefusesDumpIsReadByTheCommandsOfTheTypes(String without) throws Exception {
        keys.fill("");
        keys.fillLarge();
        source.call("SET", "", "");
        source.call("ZADD", "scores", "1.5", "a", "-17", "b", "0.1", "c");
        for (int i = 0; i < 100; i++) {
            source.call("SADD", "hundred", "member" + i);
        }
        user("nodump", without);
        replayAll(new ScanSetup(source)
                .user("nodump")
                .maxRecord(ScanCaptureIT.SMALL_RECORD)
                .capture());

        assertEqual();
        assertThat(SourceKeys.groups(replay.server)).isEqualTo(SourceKeys.groups(source));
        boolean transactions = !without.contains("multi");
        assertThat(replay.typed > 8).as("readable values").isEqualTo(transactions);
        assertThat(replay.changes)
                .filteredOn(change -> new String(change.key().key(), StandardCharsets.UTF_8).equals("zset"))
                .as("infinite scores are in no readable value")
                .singleElement()
                .extracting(change -> change.state().piece())
                .isNotNull();
        assertThat(replay.changes)
                .filteredOn(change -> change.state() != null && change.state().piece() == null)
                .extracting(change -> change.state().type())
                .containsAll(
                        transactions ? List.of("string", "list", "set", "hash", "zset", "stream") : List.<String>of());
    }

    /** Many values in a round trip: the server is read from a tenth as often as where each is asked for by itself. */
    @Test
    void smallValuesAreReadTogetherWhereDumpIsRefused() throws Exception {
        keys.populate(2_000);
        user("together", "-dump");
        user("alone", "-dump -multi");
        List<Long> reads = new ArrayList<>();
        for (String user : List.of("alone", "together")) {
            replay.close();
            replay = new Replay();
            long before = reads();
            replayAll(new ScanSetup(source).user(user).capture());
            assertEqual();
            reads.add(reads() - before);
            capture.close();
        }
        assertThat(reads.get(1)).as("alone, together: %s", reads).isLessThan(reads.get(0) / 10);
    }

    /** Readable values are whole ones. */
    @Test
    void aCompactedTopicNeedsNoDump() {
        keys.fill("");
        source.call("DEL", "zset");
        user("nodump", "-dump");
        capture = new ScanSetup(source).user("nodump").compacted().capture();
        List<Change> read = new ArrayList<>();
        while (capture.point().phase() != ScanPoint.Phase.DONE) {
            capture.read(read, 100, 50, System.nanoTime());
        }
        assertThat(read)
                .filteredOn(change -> change.op() == Op.SET)
                .hasSize(8)
                .allMatch(
                        change -> change.state().value() != null && change.key().part() == null);
    }

    @Test
    void aServerWithoutTheCommandIsReadAllTheSame() throws Exception {
        try (RedisServer proxied = new RedisServer("--enable-debug-command", "yes", "--rename-command", "DUMP", "")) {
            proxied.call("RPUSH", "list", "a", "b");
            proxied.call("SET", "key", "x", "PXAT", "4000000000000");
            ScanOptions options = new ScanSetup(proxied).options();
            probe(options);
            capture = start(options, ScanPoint.start(1));
            replayAll();
            assertThat(StateTarget.digest(replay.server)).isEqualTo(StateTarget.digest(proxied));
            assertThat(replay.typed).isEqualTo(2);
        }
    }

    private long reads() {
        return source.info("stats", "total_reads_processed").orElseThrow();
    }
}
