package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.resp.ReplyReader;
import io.rediscdc.format.resp.RespWriter;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.source.scan.LiveOptions.Feed;
import io.rediscdc.source.scan.ScanOptions.Mode;
import io.rediscdc.testing.RedisServer;
import java.net.Socket;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What is read, and handed out, before what. */
@Timeout(60)
class ScanOrderIT extends LiveBed {

    private static final int SCANNED = 1_000;

    /** Else the end would have sinks remove what has come back meanwhile. */
    @Test
    void whatChangesBeforeTheEndOfAScanIsHandedOutBeforeIt() throws Exception {
        for (int i = 0; i < SCANNED; i++) {
            source.call("SET", "key:" + i, "x");
        }
        // Slower, where it had come too far until we were told of the change.
        for (long rate = SCANNED; !isToldBeforeTheEnd(rate); rate /= 2) {
            capture.close();
            replay.close();
            replay = new Replay();
        }
        ChangeKey changed = replay.changes.stream()
                .filter(change -> change.op() == Op.SET)
                .findFirst()
                .orElseThrow()
                .key();
        List<Op> ops = replay.changes.stream()
                .filter(change -> change.op() == Op.SNAPSHOT_END || change.key().equals(changed))
                .map(Change::op)
                .toList();
        assertThat(ops).containsExactly(Op.SET, Op.SET, Op.SNAPSHOT_END);
    }

    /** Scans all while one changes, of which nothing is due in a minute. */
    private boolean isToldBeforeTheEnd(long keysPerSecond) {
        capture = new ScanSetup(source)
                .mode(Mode.LIVE)
                .keysPerSecond(keysPerSecond)
                .live(new LiveOptions(Feed.KEYSPACE, 60_000, false, 100_000, 0, false))
                .capture();
        while (replay.sets == 0) {
            replay.from(capture);
        }
        source.call("SET", text(replay.changes.get(1).key()), "changed");
        while (capture.status().events() == 0) {
            replay.from(capture);
        }
        boolean inTime = capture.status().keysRead() < SCANNED / 2;
        while (replay.ends == 0) {
            replay.from(capture);
        }
        return inTime;
    }

    /** Of a key, what is read later is handed out later; others are read beside it. */
    @Test
    void aKeyIsReadOnTheSameConnectionEveryTime() throws Exception {
        follow(new ScanSetup(source).mode(Mode.LIVE).threads(4));
        try (Socket monitor = source.open()) {
            monitor.getOutputStream().write(RespWriter.command("MONITOR"));
            ReplyReader lines = new ReplyReader(RedisServer.input(monitor));
            assertThat(lines.next().text()).isEqualTo("OK");
            for (int i = 1; i <= 30; i++) {
                source.call("INCR", "counter");
                while (replay.sets < i) {
                    replay.from(capture);
                }
            }
            for (int i = 1; i <= 20; i++) {
                source.call("SET", "other" + i, "x");
            }
            while (replay.sets < 50) {
                replay.from(capture);
            }
            source.call("ECHO", "end");
            Set<String> readers = new HashSet<>();
            Set<String> ofOthers = new HashSet<>();
            for (String line = lines.next().text();
                    !line.endsWith("\"ECHO\" \"end\"");
                    line = lines.next().text()) {
                String client = line.substring(line.indexOf('['), line.indexOf(']'));
                if (line.contains("\"DUMP\" \"counter\"")) {
                    readers.add(client);
                } else if (line.contains("\"DUMP\" \"other")) {
                    ofOthers.add(client);
                }
            }
            assertThat(readers).hasSize(1);
            assertThat(ofOthers).hasSizeGreaterThan(1);
        }
    }

    @Test
    void keysOfSimpleTypesComeFirstIfAsked() {
        follow(new ScanSetup(source)
                .mode(Mode.LIVE)
                .threads(1)
                .live(new LiveOptions(Feed.KEYSPACE, 1_000, true, 100_000, 0, false)));
        source.call("XADD", "stream", "1-1", "f", "v");
        source.call("ZADD", "zset", "1", "a");
        source.call("SADD", "set", "a");
        source.call("RPUSH", "list", "a");
        source.call("HSET", "hash", "f", "v");
        source.call("SET", "string", "a");
        awaitEqual();
        assertThat(replay.changes)
                .filteredOn(change -> change.op() == Op.SET)
                .extracting(change -> change.state().type())
                .containsExactly("string", "hash", "list", "set", "zset", "stream");
    }
}
