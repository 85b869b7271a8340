package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.format.rdb.RdbItem;
import java.io.IOException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Keys that the target has before the first snapshot brings them, under each policy. */
class ExistingKeysIT {

    private final Feed feed = new Feed();
    private RedisServer server;
    private RedisCommands<String, String> redis;
    private SinkRun run;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        redis = server.commands();
        run = new SinkRun(server);
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once", "at_least_once"})
    void skippedOnesStayAndTheOthersCome(String delivery) {
        redis.select(2);
        redis.set("theirs", "x");
        redis.select(0);
        redis.set("theirs", "x");
        run.with("exists.policy", "skip")
                .with("delivery", delivery)
                .with("batch.max.records", "3")
                .start();
        feed.begin().state("a", "1").db(2).state("theirs", "1").state("b", "1");
        run.put(feed.from(0));
        run.restart();
        feed.db(0)
                .state("theirs", "1")
                .db(1)
                .state("theirs", "1")
                .db(0)
                .state("c", "1")
                .end(6);
        feed.command("SET", "after", "1").command("APPEND", "theirs", "y");
        run.replicate(feed);
        assertThat(redis.get("theirs")).isEqualTo("xy");
        assertThat(redis.mget("a", "c", "after"))
                .allMatch(each -> each.getValue().equals("1"));
        redis.select(1);
        assertThat(redis.get("theirs")).isEqualTo("1");
        redis.select(2);
        assertThat(redis.get("theirs")).isEqualTo("x");
        assertThat(redis.get("b")).isEqualTo("1");
        assertThat(run.metric("existing-keys-total")).isEqualTo(1);

        // A later snapshot says how things are.
        feed.db(0).begin().state("theirs", "2").end(1);
        run.replicate(feed);
        redis.select(0);
        assertThat(redis.get("theirs")).isEqualTo("2");
    }

    @Test
    void oneOfThemIsReasonToStop() {
        redis.set("theirs", "x");
        run.with("exists.policy", "fail").start();
        feed.begin().state("a", "1").state("theirs", "1").end(2);
        assertThatThrownBy(() -> run.replicate(feed))
                .hasMessageContaining("had 1 keys of the snapshot already")
                .hasMessageContaining("changes-0@2")
                .hasMessageContaining("exists.policy")
                .hasMessageNotContaining("theirs");
        assertThat(redis.exists("a")).isZero();
        redis.del("theirs");
        run.restart();
        run.replicate(feed);
        assertThat(redis.get("theirs")).isEqualTo("1");
    }

    @Test
    void aFirstSnapshotThatBreaksOffLeavesNothingToTellThemBy() {
        run.with("exists.policy", "skip").start();
        feed.begin().state("a", "1");
        run.put(feed.from(0));
        feed.begin().state("a", "2").end(1);
        assertThatThrownBy(() -> run.put(feed.from(2)))
                .hasMessageContaining("broke off")
                .hasMessageContaining("changes-0@2");
        run.with("exists.policy", "replace").restart();
        run.replicate(feed);
        assertThat(redis.get("a")).isEqualTo("2");
    }

    @Test
    void elementsAreAddedToWhatIsThere() throws IOException {
        Saved saved = Saved.by("7.0");
        for (RdbItem.Key key : saved.keys()) {
            server.bytes().select(key.db());
            switch (key.type().typeName()) {
                case "hash" -> server.bytes().hset(key.key(), new byte[] {1}, new byte[] {1});
                case "set" -> server.bytes().sadd(key.key(), new byte[] {1});
                case "zset" -> server.bytes().zadd(key.key(), 1, new byte[] {1});
                default -> server.bytes().set(key.key(), new byte[] {1});
            }
        }
        run.with("merge.policy", "merge").start();
        run.replicate(saved.feed());
        int merged = 0;
        for (RdbItem.Key key : saved.keys()) {
            server.bytes().select(key.db());
            boolean collection = key.type().typeName().matches("hash|set|zset");
            assertThat(Saved.lines(server.bytes().dump(key.key()), saved.flavour()))
                    .hasSize(Saved.lines(key.dump(), saved.flavour()).size() + (collection ? 1 : 0))
                    .containsAll(Saved.lines(key.dump(), saved.flavour()));
            merged += collection ? 1 : 0;
        }
        assertThat(merged).isGreaterThan(10);
    }
}
