package io.rediscdc.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisCredentials;
import io.lettuce.core.RedisCredentialsProvider;
import io.lettuce.core.RedisURI;
import io.lettuce.core.api.StatefulRedisConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RedisServerTest {

    @Test
    void servesUntilItIsStoppedAndAgainAfterARestart() {
        try (RedisServer server = RedisServer.running()) {
            assertThat(on(server, null, connection -> connection.sync().ping())).isEqualTo("PONG");
            long first = server.pid();

            server.kill();
            assertThat(ProcessHandle.of(first).filter(ProcessHandle::isAlive)).isEmpty();
            assertThat(server.isAlive()).isFalse();

            int port = server.port();
            server.start();
            assertThat(server.port()).isEqualTo(port);
            assertThat(server.pid()).isNotEqualTo(first);
            assertThat(on(server, null, connection -> connection.sync().ping())).isEqualTo("PONG");
        }
    }

    @Test
    void closingLeavesNeitherProcessNorTemporaryDirectory() {
        RedisServer server = RedisServer.running();
        long pid = server.pid();
        server.close();
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        assertThat(server.directory()).doesNotExist();
    }

    @Test
    void keepsItsDataOverAStopIfToldToSave(@TempDir Path directory) {
        try (RedisServer server = RedisServer.running(directory, "--save", "900", "1")) {
            on(server, null, connection -> connection.sync().set("k", "v"));
            server.restart();
            assertThat(on(server, null, connection -> connection.sync().get("k")))
                    .isEqualTo("v");
        }
    }

    @Test
    void optionsWithAwkwardCharactersTakeEffectAndAreNotOnTheCommandLine() throws Exception {
        String password = "a \"b\\ '%$c";
        try (RedisServer server = RedisServer.running("--requirepass", password, "--maxmemory-policy", "noeviction")) {
            assertThat(on(server, password, connection -> connection.sync().ping()))
                    .isEqualTo("PONG");
            String commandLine = Files.readString(Path.of("/proc", Long.toString(server.pid()), "cmdline"));
            assertThat(commandLine).contains("redis-server").doesNotContain(password);
        }
    }

    @Test
    void sayWhyItDoesNotStart() {
        assertThatThrownBy(() -> RedisServer.running("--no-such-option", "1"))
                .isInstanceOf(ProcessException.class)
                .hasMessageContaining("ended with exit code 1 while starting")
                .hasMessageContaining("no-such-option");
    }

    @Test
    void theIncludedBinaryAnswers(@TempDir Path directory) {
        RedisBinary binary = RedisBinary.embedded();
        assertThat(binary.path()).isExecutable();
        assertThat(RedisBinary.of(binary.path()).majorVersion()).isEqualTo(7);
        try (RedisServer server = RedisServer.running(binary, directory, LocalPorts.free(), List.of())) {
            assertThat(on(server, null, connection -> connection.sync().ping())).isEqualTo("PONG");
        }
    }

    @Test
    void refusesWhatIsNoRedisServer() {
        assertThatThrownBy(() -> RedisBinary.of(Path.of("/bin/true")))
                .isInstanceOf(ProcessException.class)
                .hasMessageContaining("is no redis-server");
    }

    private static String on(
            RedisServer server, String password, Function<StatefulRedisConnection<String, String>, String> action) {
        RedisURI uri = RedisURI.create("127.0.0.1", server.port());
        if (password != null) {
            uri.setCredentialsProvider(RedisCredentialsProvider.from(() -> RedisCredentials.just(null, password)));
        }
        RedisClient client = RedisClient.create(uri);
        try (StatefulRedisConnection<String, String> connection = client.connect()) {
            return action.apply(connection);
        } finally {
            client.shutdown();
        }
    }
}
