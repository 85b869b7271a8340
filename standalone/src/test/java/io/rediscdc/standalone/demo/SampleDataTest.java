package io.rediscdc.standalone.demo;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisUri;
import io.rediscdc.standalone.redis.ServerInfo;
import java.time.Duration;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class SampleDataTest {

    @Test
    void hasEveryTypeAndBearsEveryWriteOfTheApplication() {
        try (RedisServer server = RedisServer.running();
                RedisConnection redis = RedisConnection.open(RedisUri.parse(server.uri()))) {
            SampleData.fill(redis);
            assertThat(ServerInfo.of(redis, "keyspace").keys()).containsOnlyKeys(0, 1, 5);
            assertThat(ServerInfo.of(redis, "keyspace").totalKeys()).isBetween(30_000L, 31_000L);
            Set<String> types = new TreeSet<>();
            Set<String> encodings = new TreeSet<>();
            for (String key : List.of(
                    "counter:0",
                    "session:1",
                    "document",
                    "user:2",
                    "large:hash",
                    "queue:3",
                    "large:list",
                    "tags:4",
                    "ids:5",
                    "large:set",
                    "rank:6",
                    "large:zset",
                    "events:1")) {
                types.add(redis.text("TYPE", key));
                encodings.add(redis.text("OBJECT", "ENCODING", key));
            }
            assertThat(types).containsExactly("hash", "list", "set", "stream", "string", "zset");
            assertThat(encodings)
                    .contains("int", "raw", "hashtable", "listpack", "quicklist", "intset", "skiplist", "stream");

            try (LiveWriter writer = new LiveWriter(RedisUri.parse(server.uri()))) {
                await().atMost(Duration.ofSeconds(30)).until(() -> writer.written() > 5_000);
            }
            ServerInfo commands = ServerInfo.of(redis, "commandstats");
            assertThat(commands.text("cmdstat_xreadgroup")).isNotEmpty();
            assertThat(commands.text("cmdstat_fcall")).isNotEmpty();
            assertThat(commands.text("cmdstat_exec")).isNotEmpty();
        }
    }
}
