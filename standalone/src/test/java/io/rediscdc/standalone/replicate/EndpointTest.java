package io.rediscdc.standalone.replicate;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.model.Position;
import io.rediscdc.standalone.process.LocalPorts;
import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisUri;
import org.junit.jupiter.api.Test;

class EndpointTest {

    @Test
    void readsAndRemovesAFlowsCheckpoint() {
        try (RedisServer server = RedisServer.running();
                RedisConnection redis = RedisConnection.open(RedisUri.parse(server.uri()));
                Endpoint endpoint = Endpoint.open("target", RedisUri.parse(server.uri()))) {
            assertThat(endpoint.checkpoint("flow")).isNull();

            String key = "__redis-cdc:checkpoint:{flow}:redis:0";
            redis.call("HSET", key, "offset", "17", "snapshot", "open", "pos:0", "1700:28:123");
            Checkpoint open = endpoint.checkpoint("flow");
            assertThat(open).isEqualTo(new Checkpoint(new Position(1700, 28, 123), 17, true, false, null));
            assertThat(open.hasSnapshot()).isFalse();
            assertThat(open.keysDone()).isEqualTo(123);

            redis.call("HSET", key, "snapshot", "closed", "stuck", "1700:99:0 OOM");
            assertThat(endpoint.checkpoint("flow").hasSnapshot()).isTrue();
            assertThat(endpoint.checkpoint("flow").stuck()).isEqualTo("1700:99:0 OOM");
            redis.call("HSET", key, "ttl", "exact");
            assertThat(endpoint.checkpoint("flow").expiryExact()).isTrue();

            redis.call("SET", "__redis-cdc:checkpoint:{other}:redis:0", "x");
            redis.call("SET", "application{flow}", "x");
            assertThat(endpoint.reservedKeys(null)).hasSize(2);
            endpoint.removeReservedKeys("flow");
            assertThat(endpoint.checkpoint("flow")).isNull();
            assertThat(endpoint.keys()).isEqualTo(2);
        }
    }

    /** A sink that has claimed a flow and applied nothing. */
    @Test
    void aCheckpointWithoutPositionHasNoSnapshot() {
        try (RedisServer server = RedisServer.running();
                RedisConnection redis = RedisConnection.open(RedisUri.parse(server.uri()));
                Endpoint endpoint = Endpoint.open("target", RedisUri.parse(server.uri()))) {
            redis.call("HSET", Checkpoint.key("flow"), "offset", "-1", "snapshot", "closed");
            assertThat(endpoint.checkpoint("flow").hasSnapshot()).isFalse();
        }
    }

    @Test
    void comesBackWhenTheServerDoes() {
        try (RedisServer server = RedisServer.running();
                Endpoint endpoint = Endpoint.open("source", RedisUri.parse(server.uri()))) {
            String before = endpoint.runId();
            server.kill();
            server.start();
            assertThat(endpoint.runId()).isNotEqualTo(before);
            assertThat(endpoint.isReplica()).isFalse();
        }
    }

    @Test
    void saysWhatIsWrong() {
        int port = LocalPorts.free();
        assertThatThrownBy(() -> Endpoint.open("source", RedisUri.parse("redis://127.0.0.1:" + port)))
                .isInstanceOf(UsageException.class)
                .hasMessage("source redis://127.0.0.1:" + port
                        + ": cannot connect: Connection refused; is the server running there?");
        try (RedisServer server = RedisServer.running("--requirepass", "s3cret")) {
            assertThatThrownBy(() -> Endpoint.open("target", RedisUri.parse(server.uri())))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("the server wants a password");
            assertThatThrownBy(() -> Endpoint.open("target", RedisUri.parse("redis://:s3cre@" + server.address())))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("wrong user or password")
                    .hasMessageNotContaining("s3cre");
        }
        try (RedisServer server = RedisServer.running("--cluster-enabled", "yes")) {
            assertThatThrownBy(() -> Endpoint.open("target", RedisUri.parse(server.uri())))
                    .isInstanceOf(UsageException.class)
                    .hasMessageContaining("cluster, which is not yet supported");
        }
    }
}
