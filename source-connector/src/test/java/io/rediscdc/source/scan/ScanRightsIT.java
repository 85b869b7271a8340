package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.source.StateTarget;
import io.rediscdc.source.scan.LiveOptions.Feed;
import io.rediscdc.source.scan.ScanOptions.Mode;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What the user of a scan has to be allowed. */
@Timeout(60)
class ScanRightsIT extends ScanBed {

    @ParameterizedTest
    @CsvSource({
        "-scan, SCAN",
        "-multi, keys",
        "-psubscribe, PSUBSCRIBE",
        "-exec, EXEC",
        "-dump -hscan, hscan",
        "-dump -multi -xpending, xpending"
    })
    void whatAUserMayNotIsSaidWithTheCommandThatAllowsIt(String without, String named) {
        source.call("CONFIG", "SET", "notify-keyspace-events", "KA");
        user("few", without);
        ScanOptions options = new ScanSetup(source).mode(Mode.LIVE).user("few").options();
        assertThatThrownBy(() -> probe(options))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining(named)
                .hasMessageContaining("ACL SETUSER few ")
                .hasMessageContaining("+" + without.substring(without.lastIndexOf('-') + 1))
                .extracting(e -> ((RedisCdcException) e).category())
                .isEqualTo(Category.CONFIG);
    }

    @Test
    void theRightsThatMessagesNameAreEnough() {
        source.call("CONFIG", "SET", "notify-keyspace-events", "KA");
        keys.fill("");
        for (Feed feed : Feed.values()) {
            String name = "user" + feed;
            ScanOptions options = new ScanSetup(source)
                    .mode(Mode.LIVE)
                    .user(name)
                    .live(new LiveOptions(feed, 20, false, 100, 0, false))
                    .options();
            List<String> grant = new ArrayList<>(List.of(
                    ScanRights.grant(options, StateTarget.isBefore7(source)).split(" ", -1)));
            grant.addAll(List.of("on", ">p"));
            source.call(grant.toArray(String[]::new));
            probe(options);
            capture = start(options, ScanPoint.start(1));
            while (capture.point().phase() != ScanPoint.Phase.LIVE) {
                capture.read(new ArrayList<>(), 100, 50, System.nanoTime());
            }
            assertThat(capture.status().keysRead()).isGreaterThan(5);
            capture.close();
        }
    }
}
