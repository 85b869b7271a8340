package io.rediscdc.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.config.RepairConfig;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.source.capture.StateRequests;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.apache.kafka.clients.consumer.ConsumerRecord;
import org.apache.kafka.clients.consumer.MockConsumer;
import org.apache.kafka.common.TopicPartition;
import org.junit.jupiter.api.Test;

class RepairRequestsTest {

    private static final TopicPartition PARTITION = new TopicPartition("shop.changes.repair", 0);

    private final RepairRequests requests =
            new RepairRequests(new RepairConfig("127.0.0.1:1", null, Map.of()), "shop.changes");
    private final StateRequests shard = requests.forShard();
    private final MockConsumer<byte[], byte[]> consumer = new MockConsumer<>("earliest");
    private long offset;

    @Test
    void takesEachKeyOnceAndLeavesOutWhatIsNone() {
        receive("0:a", "nonsense", "3:a", "0:a", "0:__redis-cdc:checkpoint:{f}:t:0", "0:b");
        assertThat(shard.take(2)).containsExactly(key(0, "a"), key(3, "a"));
        assertThat(shard.take(2)).containsExactly(key(0, "b"));
        assertThat(shard.take(2)).isEmpty();
        receive("0:a");
        assertThat(shard.take(2)).containsExactly(key(0, "a"));
    }

    @Test
    void asksEveryShard() {
        StateRequests other = requests.forShard();
        receive("0:a");
        assertThat(shard.take(2)).containsExactly(key(0, "a"));
        assertThat(other.take(2)).containsExactly(key(0, "a"));
    }

    @Test
    void keepsNoMoreThanABoundedNumber() {
        String[] many = new String[10_100];
        for (int i = 0; i < many.length; i++) {
            many[i] = "0:" + i;
        }
        receive(many);
        assertThat(shard.take(many.length)).hasSize(10_000);
    }

    private void receive(String... values) {
        consumer.assign(List.of(PARTITION));
        consumer.updateBeginningOffsets(Map.of(PARTITION, 0L));
        for (String value : values) {
            consumer.addRecord(
                    new ConsumerRecord<>(PARTITION.topic(), 0, offset++, null, value.getBytes(StandardCharsets.UTF_8)));
        }
        requests.receive(consumer);
    }

    private static ChangeKey key(int db, String name) {
        return new ChangeKey(db, name.getBytes(StandardCharsets.UTF_8));
    }
}
