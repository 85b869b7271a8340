package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.model.Op;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import org.apache.kafka.connect.errors.RetriableException;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the target does not know, under each policy. */
class UnsupportedIT {

    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";
    private static final String OWED = "__redis-cdc:repairs:{test}:changes:0";

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

    @Test
    void anUnknownCommandIsLeftOutAndTheRestAppliedOnce() {
        run.with("unsupported.policy", "drop").start();
        feed.begin()
                .end(0)
                .command("INCR", "n")
                .db(3)
                .command("NOSUCH", "x", "y")
                .command("INCR", "n")
                .member(1, 0, false, "INCR", "m")
                .member(1, 1, false, "NEITHER", "m")
                .member(1, 2, true, "INCR", "m");
        run.replicate(feed);
        assertThat(redis.get("n")).isEqualTo("1");
        redis.select(3);
        assertThat(redis.get("n")).isEqualTo("1");
        assertThat(redis.get("m")).isEqualTo("2");
        assertThat(run.metric("omissions-total")).isEqualTo(2);
        redis.select(0);
        assertThat(redis.hget(CHECKPOINT, "stuck")).isNull();

        // The target said once that it does not know them.
        String before = errors();
        feed.command("nosuch", "x").command("INCR", "n");
        run.replicate(feed);
        assertThat(errors()).isEqualTo(before);
        assertThat(run.metric("omissions-total")).isEqualTo(3);
        redis.select(3);
        assertThat(redis.get("n")).isEqualTo("2");
    }

    @Test
    void pipelinesLeaveItOutToo() {
        run.with("unsupported.policy", "drop").with("delivery", "at_least_once").start();
        feed.begin()
                .end(0)
                .command("NOSUCH", "x", "y")
                .command("SET", "a", "1")
                .member(1, 0, false, "SET", "b", "1")
                .member(1, 1, true, "NEITHER", "m")
                .command("SET", "c", "1");
        run.replicate(feed);
        assertThat(redis.mget("a", "b", "c")).allMatch(each -> each.getValue().equals("1"));
        assertThat(redis.hget(CHECKPOINT, "stuck")).isNull();
        assertThat(run.metric("omissions-total")).isGreaterThanOrEqualTo(2);
    }

    /** It fails inside EXEC, and the mark of that failure is taken back while the next batch is begun in another database. */
    @Test
    void argumentsThatItDoesNotKnowAreNoReasonToStop() {
        run.with("unsupported.policy", "drop").with("batch.max.records", "2").start();
        feed.begin().end(0).command("SET", "a", "1").command("SET", "k", "v", "NOSUCH");
        feed.db(3).command("SET", "c", "1").command("SET", "d", "1").command("SET", "e", "1");
        run.replicate(feed);
        assertThat(redis.get("a")).isEqualTo("1");
        assertThat(redis.hget(CHECKPOINT, "stuck")).isNull();
        assertThat(run.metric("omissions-total")).isEqualTo(1);
        redis.select(3);
        assertThat(redis.keys("*")).containsExactlyInAnyOrder("c", "d", "e");
    }

    @Test
    void whatIsWrongOtherwiseStopsAsEver() {
        run.with("unsupported.policy", "drop").start();
        feed.begin().end(0).command("SET", "s", "x").command("NOSUCH", "x").command("LPUSH", "s", "y");
        assertThatThrownBy(() -> run.replicate(feed)).hasMessageContaining("WRONGTYPE");
        assertThat(redis.hget(CHECKPOINT, "stuck")).contains("LPUSH");
    }

    @Test
    void recordsAreInTheDeadLetterQueueBeforeTheCheckpointPassesThem() throws IOException {
        List<SinkRecord> dead = new ArrayList<>();
        List<String> seen = new ArrayList<>();
        boolean[] works = new boolean[1];
        run.withDeadLetters((record, why) -> {
                    dead.add(record);
                    seen.add(redis.hget(CHECKPOINT, "offset") + " " + why.getMessage());
                    return works[0]
                            ? CompletableFuture.completedFuture(null)
                            : CompletableFuture.failedFuture(new IOException("no broker"));
                })
                .start();
        feed.begin().end(0).command("INCR", "n").command("NOSUCH", "x");
        assertThatThrownBy(() -> run.put(feed.from(0)))
                .isInstanceOf(RetriableException.class)
                .hasMessageContaining("no broker");
        assertThat(redis.exists("n")).isZero();
        works[0] = true;
        run.replicate(feed);
        assertThat(redis.get("n")).isEqualTo("1");
        assertThat(dead).isNotEmpty().allMatch(record -> record.kafkaOffset() == 3);
        assertThat(seen).allMatch(each -> each.startsWith("-1 ") && each.contains("unknown command"));

        run.restart();
        dead.clear();
        List<RdbItem.Key> hashes = Fields.expiring();
        hashes.forEach(key -> feed.state(key, Fields.FLAVOUR));
        run.replicate(feed);
        assertThat(dead).hasSameSizeAs(hashes);
        assertThat(seen.get(seen.size() - 1)).contains("hash-field-expiry");
        assertThat(redis.exists("hfe:small", "hfe:big")).isEqualTo(2);
    }

    @Test
    void aTaskWithoutADeadLetterQueueDoesNotStart() {
        run.with("unsupported.policy", "dlq")
                .with("errors.deadletterqueue.topic.name", "dead")
                .with("errors.tolerance", "all");
        assertThatThrownBy(run::start).hasMessageContaining("errors.deadletterqueue.topic.name");
    }

    @Test
    void theKeysOfAnUnknownCommandAreAskedOfTheSource() {
        run.with("unsupported.policy", "reread")
                .with("repair.bootstrap.servers", "127.0.0.1:1")
                .start();
        feed.begin().end(0).command("INCR", "n").command("NOSUCH", "x").command("INCR", "n");
        run.replicate(feed);
        assertThat(redis.get("n")).isEqualTo("2");
        assertThat(redis.smembers(OWED)).containsExactly("0:x");
        feed.command("NOSUCH", "y");
        run.replicate(feed);
        assertThat(redis.smembers(OWED)).containsExactlyInAnyOrder("0:x", "0:y");
        feed.answer("x", "1").answer("y", "2");
        run.replicate(feed);
        run.task().put(List.of());
        run.task().put(List.of());
        assertThat(redis.exists(OWED)).isZero();
        assertThat(redis.get("y")).isEqualTo("2");
    }

    @ParameterizedTest
    @ValueSource(strings = {"fail", "drop"})
    void functionsOfALaterVersionAreUnknownToo(String policy) {
        run.with("unsupported.policy", policy).start();
        feed.begin().end(0).event(Op.FUNCTION, "FUNCTION", "NOSUCH", "x").command("INCR", "n");
        if (policy.equals("fail")) {
            assertThatThrownBy(() -> run.replicate(feed))
                    .hasMessageContaining("unknown subcommand")
                    .hasMessageContaining("unsupported.policy");
            assertThat(redis.exists("n")).isZero();
        } else {
            run.replicate(feed);
            assertThat(redis.get("n")).isEqualTo("1");
        }
    }

    private String errors() {
        return redis.info("stats")
                .lines()
                .filter(line -> line.startsWith("total_error_replies"))
                .findFirst()
                .orElseThrow();
    }
}
