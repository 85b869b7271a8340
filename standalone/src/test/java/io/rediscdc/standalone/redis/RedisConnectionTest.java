package io.rediscdc.standalone.redis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.standalone.process.LocalPorts;
import io.rediscdc.standalone.process.RedisServer;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

class RedisConnectionTest {

    @Test
    void readsEveryKindOfReply() {
        try (RedisServer server = RedisServer.running();
                RedisConnection connection = RedisConnection.open(RedisUri.parse(server.uri()))) {
            assertThat(connection.text("PING")).isEqualTo("PONG");
            assertThat(connection.text("GET", "none")).isNull();
            String large = "ä".repeat(200_000);
            connection.call("SET", "large", large);
            assertThat(connection.text("GET", "large")).isEqualTo(large);
            assertThat(connection.call("INCRBY", "n", "-9223372036854775808")).isEqualTo(Long.MIN_VALUE);
            assertThat(connection.call("EVAL", "return {1, {}, false, redis.error_reply('X y')}", "0"))
                    .asInstanceOf(InstanceOfAssertFactories.LIST)
                    .satisfies(list -> {
                        assertThat(list.subList(0, 3)).isEqualTo(Arrays.asList(1L, List.of(), null));
                        assertThat(list.get(3)).isInstanceOf(RedisErrorException.class);
                    });
            assertThatThrownBy(() -> connection.call("NOSUCH"))
                    .isInstanceOfSatisfying(RedisErrorException.class, e -> assertThat(e.isUnknownCommand())
                            .isTrue());
            assertThat(connection.text("PING")).isEqualTo("PONG");
        }
    }

    @Test
    void authenticates() {
        try (RedisServer server =
                RedisServer.running("--requirepass", "secret", "--user", "app", "on", ">other", "+@all")) {
            String at = "@" + server.address();
            try (RedisConnection connection = RedisConnection.open(RedisUri.parse("redis://:secret" + at))) {
                assertThat(connection.text("ACL", "WHOAMI")).isEqualTo("default");
            }
            try (RedisConnection connection = RedisConnection.open(RedisUri.parse("redis://app:other" + at))) {
                assertThat(connection.text("ACL", "WHOAMI")).isEqualTo("app");
            }
            assertThatThrownBy(() -> RedisConnection.open(RedisUri.parse("redis://:wrong" + at)))
                    .isInstanceOf(RedisErrorException.class)
                    .hasMessageStartingWith("WRONGPASS");
        }
    }

    @Test
    void namesTheServerThatCannotBeReached() {
        int port = LocalPorts.free();
        assertThatThrownBy(() -> RedisConnection.open(RedisUri.parse("redis://:secret@127.0.0.1:" + port)))
                .isInstanceOf(RedisConnectionException.class)
                .hasMessage("redis://127.0.0.1:" + port
                        + ": cannot connect: Connection refused; is the server running there?");
    }

    @Test
    void saysThatAnotherServiceIsNotRedis() throws IOException {
        try (ServerSocket listener = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            Thread http = new Thread(() -> {
                try (Socket socket = listener.accept();
                        OutputStream out = socket.getOutputStream()) {
                    out.write("HTTP/1.1 400 Bad Request\r\n\r\n".getBytes(StandardCharsets.US_ASCII));
                    out.flush();
                    socket.getInputStream().readAllBytes();
                } catch (IOException e) {
                    throw new UncheckedIOException(e);
                }
            });
            http.start();
            try (RedisConnection connection =
                    RedisConnection.open(RedisUri.parse("redis://127.0.0.1:" + listener.getLocalPort()))) {
                assertThatThrownBy(() -> connection.call("PING"))
                        .isInstanceOf(RedisConnectionException.class)
                        .hasMessageContaining("does not speak Redis's protocol");
            }
        }
    }
}
