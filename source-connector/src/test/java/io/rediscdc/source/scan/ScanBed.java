package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.source.StateTarget;
import io.rediscdc.source.capture.StateRequests;
import io.rediscdc.testing.RedisServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server that is scanned, and one where what the scan says is done. */
abstract class ScanBed {

    RedisServer source;
    SourceKeys keys;
    Replay replay;
    ScanCapture capture;

    @BeforeEach
    void startServers() throws Exception {
        source = new RedisServer("--enable-debug-command", "yes");
        keys = new SourceKeys(source);
        replay = new Replay();
    }

    @AfterEach
    void stopServers() throws Exception {
        if (capture != null) {
            capture.close();
        }
        source.close();
        replay.close();
    }

    /** Who may do anything but that. */
    void user(String name, String without) {
        List<String> words = new ArrayList<>(List.of("ACL", "SETUSER", name, "on", ">p", "~*", "&*", "+@all"));
        words.addAll(List.of(without.split(" ", -1)));
        source.call(words.toArray(String[]::new));
    }

    /** Reads all of it, and has it done at the other server. */
    void replayAll(ScanCapture all) {
        capture = all;
        replayAll();
    }

    void replayAll() {
        while (capture.point().phase() != ScanPoint.Phase.DONE) {
            replay.from(capture);
        }
    }

    void assertEqual() {
        assertThat(StateTarget.digest(replay.server)).isEqualTo(StateTarget.digest(source));
    }

    static ScanCapture start(ScanOptions options, ScanPoint from) {
        return new ScanCapture(options, null, from, StateRequests.NONE);
    }

    static void probe(ScanOptions options) {
        try (ScanProbe probe = new ScanProbe(options)) {
            probe.connect();
            probe.mayRead();
            probe.hears();
        }
    }
}
