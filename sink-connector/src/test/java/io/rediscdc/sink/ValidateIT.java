package io.rediscdc.sink;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.AclSetuserArgs;
import io.lettuce.core.protocol.CommandType;
import io.rediscdc.testing.FreePort;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.config.ConfigValue;
import org.junit.jupiter.api.Test;

/** What validate() says about targets that it can, and cannot, write to. */
class ValidateIT {

    @Test
    void isContentWithAServerThatWorks() {
        try (RedisServer server = RedisServer.start()) {
            assertThat(errors(server.address(), Map.of())).isEmpty();
            assertThat(server.commands().dbsize()).isZero();
            Leaks leaks = Leaks.since();
            for (int i = 0; i < 20; i++) {
                assertThat(errors(server.address(), Map.of())).isEmpty();
            }
            leaks.assertNone();
            assertThat(server.commands().clientList()).doesNotContain("redis-cdc-sink");
        }
    }

    @Test
    void namesTheOptionThatIsWrong() {
        assertThat(errors("nowhere:x", Map.of())).containsOnlyKeys("redis.address");
        assertThat(errors("127.0.0.1:1", Map.of("flow", "a b"))).containsOnlyKeys("flow");
        assertThat(errors("127.0.0.1:1", Map.of("unsupported.policy", "dlq")))
                .containsOnlyKeys("unsupported.policy")
                .extractingByKey("unsupported.policy")
                .asString()
                .contains("errors.deadletterqueue.topic.name");
        assertThat(errors("127.0.0.1:1", Map.of("unsupported.policy", "reread")))
                .containsOnlyKeys("unsupported.policy");
        assertThat(errors("127.0.0.1:1", Map.of("batch.max.bytes", "1"))).containsOnlyKeys("batch.max.bytes");
        assertThat(errors("127.0.0.1:1", Map.of("db.map", "3:0"))).containsOnlyKeys("db.map");
        assertThat(errors("127.0.0.1:1", Map.of("connection.validation.enabled", "false")))
                .isEmpty();
        assertThat(errors("127.0.0.1:1", Map.of("redis.pasword", "x")))
                .containsOnlyKeys("redis.pasword")
                .extractingByKey("redis.pasword")
                .asString()
                .contains("did you mean redis.password?");
        assertThat(new RedisSinkConnector().validate(Map.of()).configValues()).isNotEmpty();
    }

    @Test
    void namesAServerThatIsNotThere() throws IOException {
        assertThat(errors("127.0.0.1:" + FreePort.next(), Map.of()))
                .containsOnlyKeys("redis.address")
                .extractingByKey("redis.address")
                .asString()
                .contains("cannot be reached")
                .contains("refused");
        assertThat(errors("no-such-host.invalid:6379", Map.of()))
                .containsOnlyKeys("redis.address")
                .extractingByKey("redis.address")
                .asString()
                .contains("cannot be resolved");
    }

    @Test
    void namesWrongCredentials() {
        try (RedisServer server = RedisServer.start("--requirepass", "right")) {
            for (Map<String, String> given : List.<Map<String, String>>of(
                    Map.of(),
                    Map.of("redis.password", "s3cret"),
                    Map.of("redis.username", "nobody", "redis.password", "s3cret"))) {
                assertThat(errors(server.address(), given))
                        .containsOnlyKeys("redis.password")
                        .extractingByKey("redis.password")
                        .asString()
                        .contains("check redis.username and redis.password")
                        .doesNotContain("s3cret");
            }
            assertThat(errors(server.address(), Map.of("redis.password", "right")))
                    .isEmpty();
        }
        try (RedisServer server = RedisServer.start()) {
            assertThat(errors(server.address(), Map.of("redis.password", "s3cret")))
                    .containsOnlyKeys("redis.password");
        }
    }

    @Test
    void namesMissingRights() {
        try (RedisServer server = RedisServer.start()) {
            server.commands()
                    .aclSetuser(
                            "writer",
                            AclSetuserArgs.Builder.on()
                                    .addPassword("p")
                                    .allKeys()
                                    .allCommands()
                                    .removeCommand(CommandType.RESTORE));
            Map<String, String> user = Map.of("redis.username", "writer", "redis.password", "p");
            assertThat(errors(server.address(), user)).isEmpty();
            Map<String, String> restoring = new HashMap<>(user);
            restoring.put("write.mode", "dump");
            assertThat(errors(server.address(), restoring))
                    .containsOnlyKeys("redis.password")
                    .extractingByKey("redis.password")
                    .asString()
                    .contains("restore");
            server.commands()
                    .aclSetuser("writer", AclSetuserArgs.Builder.resetKeys().keyPattern("app:*"));
            assertThat(errors(server.address(), Map.of("redis.username", "writer", "redis.password", "p")))
                    .extractingByKey("redis.password")
                    .asString()
                    .contains("NOPERM");
        }
    }

    @Test
    void namesTargetsThatCannotBeWrittenExactlyOnce() {
        try (RedisServer server = RedisServer.start("--maxmemory-policy", "allkeys-lru")) {
            assertThat(addressError(server))
                    .contains("may evict the checkpoint")
                    .contains("noeviction");
        }
        try (RedisServer server = RedisServer.start("--cluster-enabled", "yes")) {
            assertThat(addressError(server)).contains("Cluster").contains("redis.cluster.nodes");
        }
        try (RedisServer server =
                RedisServer.start("--replicaof", "127.0.0.1 1", "--replica-serve-stale-data", "yes")) {
            assertThat(addressError(server)).contains("is a replica").contains("master");
        }
    }

    @Test
    void namesWhatIsNotRedis() throws IOException {
        for (String answer : new String[] {
            "HTTP/1.1 400 Bad Request\r\n\r\n", "SSH-2.0-OpenSSH_9.2\r\n", "\u0015\u0003\u0003\u0000\u0002\u0002\n"
        }) {
            try (Impostor impostor = new Impostor(answer)) {
                assertThat(errors(impostor.address(), Map.of()))
                        .containsOnlyKeys("redis.address")
                        .extractingByKey("redis.address")
                        .asString()
                        .contains("not Redis' protocol");
            }
        }
    }

    @Test
    void namesLoadingAndSilence() throws IOException {
        try (Impostor impostor = new Impostor("-LOADING Redis is loading the dataset in memory\r\n")) {
            assertThat(errors(impostor.address(), Map.of()))
                    .containsOnlyKeys("redis.address")
                    .extractingByKey("redis.address")
                    .asString()
                    .contains("is loading");
        }
        try (Impostor impostor = new Impostor("")) {
            long start = System.nanoTime();
            assertThat(errors(impostor.address(), Map.of("connection.validation.timeout.ms", "500")))
                    .containsOnlyKeys("redis.address")
                    .extractingByKey("redis.address")
                    .asString()
                    .contains("did not answer in time");
            assertThat(TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - start)).isLessThan(3000);
        }
    }

    private static String addressError(RedisServer server) {
        Map<String, String> errors = errors(server.address(), Map.of());
        assertThat(errors).containsOnlyKeys("redis.address");
        return errors.get("redis.address");
    }

    private static Map<String, String> errors(String address, Map<String, String> options) {
        Map<String, String> props = new HashMap<>(options);
        props.put("name", "test");
        props.put("redis.address", address);
        Map<String, String> errors = new HashMap<>();
        for (ConfigValue value : new RedisSinkConnector().validate(props).configValues()) {
            if (!value.errorMessages().isEmpty()) {
                errors.put(value.name(), String.join(" | ", value.errorMessages()));
            }
        }
        return errors;
    }

    /** Answers the same to whatever it reads. */
    private static final class Impostor implements AutoCloseable {

        private final ServerSocket server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        private final Thread thread;

        Impostor(String answer) throws IOException {
            thread = new Thread(() -> serve(answer.getBytes(US_ASCII)), "impostor");
            thread.setDaemon(true);
            thread.start();
        }

        String address() {
            return "127.0.0.1:" + server.getLocalPort();
        }

        private void serve(byte[] answer) {
            while (!server.isClosed()) {
                try (Socket socket = server.accept()) {
                    while (socket.getInputStream().read(new byte[4096]) > 0) {
                        socket.getOutputStream().write(answer);
                    }
                } catch (IOException e) {
                    // The peer hung up, as it should.
                }
            }
        }

        @Override
        public void close() throws IOException {
            server.close();
        }
    }
}
