package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.testing.RedisServer;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Patterns, against what a server makes of them. */
@Timeout(60)
class GlobIT {

    private static final String LETTERS = "aab-[]^\\*?b";

    @Test
    void matchesWhatTheServerMatches() throws Exception {
        Random random = new Random(5);
        try (RedisServer server = new RedisServer()) {
            List<String> keys = new ArrayList<>();
            for (int i = 0; i < 400; i++) {
                String key = text(random, 1 + random.nextInt(4));
                keys.add(key);
                server.call("SET", key, "x");
            }
            for (int i = 0; i < 2_000; i++) {
                String pattern = text(random, 1 + random.nextInt(6));
                Glob glob = new Glob(pattern);
                List<String> expected = ((Reply.Array) server.call("KEYS", pattern))
                        .elements().stream().map(Reply::text).sorted().toList();
                assertThat(keys.stream()
                                .filter(key -> glob.matches(Replay.bytes(key)))
                                .distinct()
                                .sorted())
                        .as("%s", pattern)
                        .isEqualTo(expected);
            }
        }
    }

    private static String text(Random random, int length) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < length; i++) {
            text.append(LETTERS.charAt(random.nextInt(LETTERS.length())));
        }
        return text.toString();
    }
}
