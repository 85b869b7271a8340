package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.model.Op;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Two shards of a cluster, with half of the slots each: of "bar" and "hello" the first, of "foo" the other. */
class ViewIT {

    private static final String LOWER = "0-8191";
    private static final String UPPER = "8192-16383";

    private static final String[] BEGIN = {
        "CLUSTER", "SYNCSLOTS", "ESTABLISH", "SOURCE", "a", "NAME", "m", "SLOTSRANGE", "0", "8191"
    };
    private static final String[] END = {"CLUSTER", "SYNCSLOTS", "FINISH", "STATE", "SUCCESS", "NAME", "m"};

    private final Feed a = new Feed();
    private final Feed b = a.beside("b");
    private RedisServer server;
    private RedisCommands<String, String> redis;
    private SinkRun sink;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        redis = server.commands();
        sink = new SinkRun(server);
        a.begin(LOWER, 1).end(0);
        b.begin(UPPER, 1).end(0);
        a.command("SET", "bar", "1").command("SET", "hello", "1");
        b.command("SET", "foo", "1");
    }

    @AfterEach
    void stop() {
        sink.stop();
        server.close();
    }

    @Test
    void aShardThatIsFlushedTakesItsOwnKeysWithIt() {
        a.event(Op.FLUSH, "FLUSHALL").command("SET", "hello", "2");
        sink.start().replicate(a);
        assertThat(redis.mget("bar", "hello", "foo"))
                .extracting(value -> value.getValueOrElse(null))
                .containsExactly(null, "2", "1");
    }

    @Test
    void aNewSnapshotOfAShardRemovesWhatThatShardDoesNotHaveAnyMore() {
        sink.start().replicate(a);
        a.begin(LOWER, 1).state("hello", "3").end(1);
        sink.replicate(a);
        assertThat(redis.mget("bar", "hello", "foo"))
                .extracting(value -> value.getValueOrElse(null))
                .containsExactly(null, "3", "1");
    }

    @Test
    void whatIsNotOfTheKeysShardIsNotApplied() {
        b.command("SET", "bar", "2");
        sink.start();
        assertThatThrownBy(() -> sink.put(a.from(0)))
                .hasMessageContaining("changes-0@7, of shard b")
                .hasMessageContaining("repair.bootstrap.servers");
        sink.with("repair.bootstrap.servers", "127.0.0.1:1").restart();
        sink.put(a.from(0));
        assertThat(redis.get("bar")).isEqualTo("1");
        assertThat(redis.smembers("__redis-cdc:repairs:{test}:changes:0")).containsExactly("0:bar");
        assertThat(sink.metric("out-of-view-total")).isEqualTo(1);
    }

    @Test
    void whatComesFromBothBelongsToNobody() {
        b.begin(LOWER, 1).end(0);
        a.command("SET", "hello", "2");
        b.command("SET", "bar", "2");
        sink.with("repair.bootstrap.servers", "127.0.0.1:1").start().put(a.from(0));
        assertThat(redis.mget("bar", "hello"))
                .allSatisfy(value -> assertThat(value.getValue()).isEqualTo("1"));
        assertThat(redis.smembers("__redis-cdc:repairs:{test}:changes:0"))
                .containsExactlyInAnyOrder("0:bar", "0:hello");
    }

    @Test
    void theNumberOfPartitionsStays() {
        a.begin(LOWER, 2).end(0);
        sink.start();
        assertThatThrownBy(() -> sink.put(a.from(0)))
                .hasMessageContaining("changes-0@7 begins a snapshot for 2 partitions")
                .hasMessageContaining("topic.partitions");
    }

    @Test
    void aKeyOfAnotherPartitionIsRefused() {
        Feed other = new Feed();
        other.begin(LOWER, 2).end(0).command("SET", "foo", "1");
        sink.start();
        assertThatThrownBy(() -> sink.put(other.from(0))).hasMessageContaining("changes-0@2 has a key of partition 1");
    }

    @Test
    void afterARewindNothingIsInViewBeforeAShardNamesItsSlots() {
        sink.with("repair.bootstrap.servers", "127.0.0.1:1").start().replicate(a);
        sink.stop();
        redis.set("bar", "7");
        assertThat(new RedisSinkConnector().alterOffsets(sink.props(), Map.of(Feed.PARTITION, 4L)))
                .isTrue();
        sink.start().replicate(a);
        assertThat(redis.get("bar")).isEqualTo("7");
        assertThat(redis.smembers("__redis-cdc:repairs:{test}:changes:0"))
                .containsExactlyInAnyOrder("0:bar", "0:hello", "0:foo");
    }

    /** A heartbeat may be ahead of the history: the shard owns the slot by then, but what comes next is from before. */
    @Test
    void whatIsImportedIsNotExecutedOnTopOfWhatIsThere() {
        a.age(60_000).owns("", 2).age(40_000).heartbeat();
        b.age(30_000).mark(BEGIN).owns("0-16383", 3).command("APPEND", "bar", "1");
        b.mark(END).command("APPEND", "hello", "2");
        sink.with("repair.bootstrap.servers", "127.0.0.1:1").start().put(a.from(0));
        assertThat(redis.get("bar")).isEqualTo("1");
        assertThat(redis.get("hello")).as("after its slots have arrived").isEqualTo("12");
        assertThat(redis.smembers("__redis-cdc:repairs:{test}:changes:0")).containsExactly("0:bar");
    }

    /** The shard that it leaves still has the key, and deletes it later. */
    @Test
    void noAnswerCountsForAKeyThatIsOnItsWay() {
        b.age(-10_000).mark(BEGIN).command("SET", "bar", "2");
        a.age(-20_000).answer("bar", "1");
        b.age(-30_000).mark(END);
        a.age(-40_000).command("UNLINK", "bar");
        sink.with("repair.bootstrap.servers", "127.0.0.1:1").start().put(a.from(0));
        assertThat(redis.smembers("__redis-cdc:repairs:{test}:changes:0")).containsExactly("0:bar");
        b.age(-60_000).answer("bar", "2");
        sink.put(a.from(0));
        assertThat(redis.get("bar")).isEqualTo("2");
        assertThat(redis.smembers("__redis-cdc:repairs:{test}:changes:0")).isEmpty();
    }
}
