package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.config.RepairConfig;
import io.rediscdc.model.ChangeKey;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.config.ConfigException;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.Test;

class DatabaseMapTest {

    @Test
    void whatIsNotNamedKeepsItsNumber() {
        DatabaseMap map = parse("3:0", "0:3", "7:drop");
        assertThat(map.isIdentity()).isFalse();
        assertThat(List.of(map.atTarget(0), map.atTarget(3), map.atTarget(7), map.atTarget(5)))
                .containsExactly(3, 0, DatabaseMap.DROPPED, 5);
        assertThat(List.of(map.atSource(0), map.atSource(3), map.atSource(7), map.atSource(5)))
                .containsExactly(3, 0, DatabaseMap.DROPPED, 5);
        assertThat(map.dropped()).containsExactly(7);
        assertThat(parse().isIdentity()).isTrue();
        assertThat(parse("3:0", "0:3").dropsSome()).isFalse();
    }

    @Test
    void twoIntoOneAreRefused() {
        assertRefused("puts the databases 1 and 3 both into 0", "3:0", "1:0", "0:1");
        assertRefused("puts database 3 into 0, and database 0, which it does not name, stays 0", "3:0");
        assertRefused("0:3, or 0:drop to leave it out", "3:0");
        assertRefused("names database 3 of the source twice", "3:0", "3:drop", "0:drop");
        for (String wrong : List.of("3", "3-0", ":0", "3:", "3:x", "-1:0", "3:0:1", "1234567890:0")) {
            assertRefused("'" + wrong + "' is neither", wrong);
        }
    }

    /** The source knows its own numbers only. */
    @Test
    void theSourceIsAskedByItsOwnNumbers() {
        MockProducer<byte[], byte[]> kafka =
                new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
        RepairConfig config = new SinkConfig(Map.of(
                        "name", "test", "redis.address", "127.0.0.1:1", "repair.bootstrap.servers", "not.asked:1"))
                .repair();
        try (RepairChannel channel = new RepairChannel(config, parse("3:0", "0:drop"), properties -> kafka)) {
            for (int db : List.of(0, 5, 3)) {
                assertThat(channel.ask("changes", new ChangeKey(db, "k".getBytes(StandardCharsets.UTF_8))))
                        .isTrue();
            }
        }
        assertThat(kafka.history())
                .extracting(request -> new String(request.value(), StandardCharsets.UTF_8))
                .as("nothing is written to 3")
                .containsExactly("3:k", "5:k");
    }

    private static DatabaseMap parse(String... entries) {
        return DatabaseMap.parse(SinkConfig.DB_MAP, List.of(entries));
    }

    private static void assertRefused(String why, String... entries) {
        assertThatThrownBy(() -> parse(entries))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("db.map")
                .hasMessageContaining(why);
    }
}
