package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.source.StateTarget;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;

/** A server that tells of changes, and one where what is read of them is done. */
abstract class LiveBed extends ScanBed {

    private static final String DIGITS = "[0-9a-f]{40}";

    @BeforeEach
    void tellOfChanges() {
        source.call("CONFIG", "SET", "notify-keyspace-events", "KA");
    }

    void follow(ScanSetup options) {
        capture = options.capture();
        while (capture.point().phase() != ScanPoint.Phase.LIVE) {
            replay.from(capture);
        }
    }

    void awaitEqual() {
        long deadline = System.nanoTime() + TimeUnit.SECONDS.toNanos(30);
        String wanted = "";
        String found = "other";
        while (!found.equals(wanted) && System.nanoTime() - deadline < 0) {
            replay.from(capture);
            if (capture.drained()) {
                wanted = StateTarget.digest(source);
                found = StateTarget.digest(replay.server);
                assertThat(found).matches(DIGITS);
            }
        }
        assertThat(found).isEqualTo(wanted);
    }

    static String text(ChangeKey key) {
        return new String(key.key(), StandardCharsets.UTF_8);
    }

    static String text(Reply reply) {
        return reply instanceof Reply.Bulk ? reply.text() : "";
    }
}
