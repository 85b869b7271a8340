package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.RedisBinary;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** When or how often a key was used, which evictions go by: a snapshot brings it along. */
class AccessIT {

    @ParameterizedTest
    @CsvSource({"volatile-lru, IDLETIME, 5000", "volatile-lfu, FREQ, 200"})
    void isWhatItWasAtTheSource(String policy, String what, long value, @TempDir Path directory) throws Exception {
        String[] options = {"--maxmemory-policy", policy, "--lfu-decay-time", "0"};
        Path from = Files.createDirectory(directory.resolve("source"));
        Path to = Files.createDirectory(directory.resolve("target"));
        try (VersionedServer source = new VersionedServer(RedisBinary.find(), from, options);
                VersionedServer target = new VersionedServer(RedisBinary.find(), to, options)) {
            source.client().call("SET", "new:string", "x");
            source.client().call("RPUSH", "new:list", "x");
            for (String type : new String[] {"string", "list"}) {
                byte[] dump = source.client().bytes("DUMP", "new:" + type);
                source.client().call("RESTORE", type, 0, dump, what, value);
            }
            try (DirectFlow flow = new DirectFlow(source, Map.of())) {
                flow.to(new DirectSink(target, Map.of()));
                await().atMost(Flow.PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
                    flow.pump();
                    return target.client().number("EXISTS", "new:string", "new:list", "string", "list") == 4;
                });
            }
            for (String type : new String[] {"string", "list"}) {
                assertThat(target.client().number("OBJECT", what, type))
                        .as(type)
                        .isBetween(value, value + 100);
                assertThat(target.client().number("OBJECT", what, "new:" + type))
                        .as("new " + type)
                        .isLessThan(100);
            }
        }
    }
}
