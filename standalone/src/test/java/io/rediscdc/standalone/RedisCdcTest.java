package io.rediscdc.standalone;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisUri;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RedisCdcTest {

    private final PrintStream systemOut = System.out;
    private final PrintStream systemErr = System.err;
    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final ByteArrayOutputStream err = new ByteArrayOutputStream();

    @BeforeEach
    void capture() {
        System.setOut(new PrintStream(out, true, StandardCharsets.UTF_8));
        System.setErr(new PrintStream(err, true, StandardCharsets.UTF_8));
    }

    @AfterEach
    void release() {
        System.setOut(systemOut);
        System.setErr(systemErr);
    }

    @ParameterizedTest
    @CsvSource({
        "replicate --mode sideways, expected one of",
        "replicate redis://127.0.0.1:1, name both SOURCE_URI and TARGET_URI",
        "replicate rediss://127.0.0.1:1 redis://127.0.0.1:1, SOURCE_URI: TLS (rediss://) is not yet supported",
        "replicate redis://127.0.0.1:1 127.0.0.1:1, TARGET_URI: an address starts with redis://",
        "replicate redis://127.0.0.1:1/3 redis://127.0.0.1:1, leave /3 out",
        "replicate --worker-heap lots redis://127.0.0.1:1 redis://127.0.0.1:1, --worker-heap: expected a size",
        "replicate redis://:s3cret@127.0.0.1:1 redis://127.0.0.1:1, source redis://127.0.0.1:1: cannot connect",
        "compare redis://127.0.0.1:1, Missing required parameter",
        "compare redis://127.0.0.1:1/0 redis://127.0.0.1:1, in both addresses or in none",
        "compare redis://127.0.0.1:1 redis://127.0.0.1:1, cannot connect",
    })
    void wrongArgumentsEndWithCode2AndAMessage(String line, String message) {
        assertThat(run(line)).isEqualTo(2);
        assertThat(err.toString(StandardCharsets.UTF_8).replace(", or in none", " or in none"))
                .contains("redis-cdc: ", message)
                .doesNotContain("s3cret", "Exception");
    }

    @Test
    void refusesToReplicateIntoItselfOrIntoATargetThatIsInUse() {
        try (RedisServer server = RedisServer.running();
                RedisServer other = RedisServer.running();
                RedisConnection redis = RedisConnection.open(RedisUri.parse(other.uri()))) {
            assertThat(run("replicate " + server.uri() + " redis://localhost:" + server.port()))
                    .isEqualTo(2);
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("source and target are the same server");
            redis.call("SET", "k", "v");
            assertThat(run("replicate " + server.uri() + " " + other.uri())).isEqualTo(2);
            assertThat(err.toString(StandardCharsets.UTF_8)).contains("holds 1 keys already", "--allow-nonempty");
        }
    }

    @Test
    void comparesAndSaysSo() {
        try (RedisServer server = RedisServer.running();
                RedisServer other = RedisServer.running();
                RedisConnection redis = RedisConnection.open(RedisUri.parse(other.uri()))) {
            String servers = server.uri() + " " + other.uri();
            assertThat(run("compare " + servers)).isZero();
            assertThat(out.toString(StandardCharsets.UTF_8)).startsWith("Comparison: equal: 0 keys");
            redis.call("SET", "quoted\"\u0001", "v");
            assertThat(run("compare --rounds 1 --pause 1 " + servers)).isEqualTo(1);
            assertThat(out.toString(StandardCharsets.UTF_8))
                    .contains("1 extra at the target", "not in the source: db 0 \"quoted\\\"\\x01\"");
        }
    }

    @Test
    void explainsItself() {
        assertThat(run("--help")).isZero();
        assertThat(run("replicate --help")).isZero();
        assertThat(out.toString(StandardCharsets.UTF_8)).contains("replicate", "compare", "--mode=MODE", "Exit codes:");
    }

    private static int run(String line) {
        return RedisCdc.commandLine().execute(line.split(" ", -1));
    }
}
