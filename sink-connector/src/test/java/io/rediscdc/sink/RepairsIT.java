package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.api.sync.RedisCommands;
import io.lettuce.core.codec.StringCodec;
import io.lettuce.core.output.StatusOutput;
import io.lettuce.core.protocol.CommandArgs;
import io.lettuce.core.protocol.CommandType;
import io.rediscdc.config.RepairConfig;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.sink.target.TargetServer;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import org.apache.kafka.clients.producer.MockProducer;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.apache.kafka.connect.sink.SinkRecord;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** Keys that a real target does not have as the history has them: they are found, asked for and healed. */
class RepairsIT {

    private static final String OWED = "__redis-cdc:repairs:{test}:changes:0";
    private static final String CHECKPOINT = "__redis-cdc:checkpoint:{test}:changes:0";
    private static final long HOUR = 3_600_000;

    private final Feed feed = new Feed();
    private final ChangeCodec codec = new ChangeCodec();
    private final String later = Long.toString(System.currentTimeMillis() + HOUR);
    private final MockProducer<byte[], byte[]> kafka =
            new MockProducer<>(true, null, new ByteArraySerializer(), new ByteArraySerializer());
    private RedisServer server;
    private RedisCommands<String, String> redis;
    private TargetServer target;
    private PartitionWriter writer;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        redis = server.commands();
        target = new TargetServer(new SinkConfig(props()).connection());
        writer = writer();
        feed.begin().state("k", "1").state("n", "5").end(2).heartbeat();
        apply(feed.from(0));
        assertThat(redis.get("n")).isEqualTo("5");
    }

    @AfterEach
    void stop() {
        writer.close();
        target.close();
        server.close();
    }

    @Test
    void aRenewalThatFindsNoKeyIsAskedForUntilItIsAnswered() {
        redis.del("k");
        long end = feed.end();
        feed.command("PEXPIREAT", "k", later).command("PERSIST", "n").command("PEXPIREAT", "n", later);
        apply(feed.from(end));
        // PERSIST of a key without a time is one as well: the source does not replicate it then.
        assertThat(asked()).containsExactlyInAnyOrder("0:k", "0:n");
        assertThat(redis.smembers(OWED)).containsExactlyInAnyOrder("0:k", "0:n");

        end = feed.end();
        feed.answer("k", "healed").command("SET", "n", "anew");
        apply(feed.from(end));
        assertThat(redis.get("k")).isEqualTo("healed");
        assertThat(redis.exists(OWED)).isZero();
        assertThat(asked()).hasSize(2);
    }

    @Test
    void whatWasNotAnsweredIsAskedForByTheTaskThatTakesOver() {
        redis.del("k");
        long end = feed.end();
        feed.command("PEXPIREAT", "k", later);
        apply(feed.from(end));
        assertThat(asked()).containsExactly("0:k");
        writer.close();
        writer = writer();
        end = feed.end();
        feed.heartbeat();
        apply(feed.from(end));
        assertThat(asked()).containsExactly("0:k", "0:k");
    }

    @Test
    void whileBehindAKeyThatIsGoneOnWithHasToBeThere() {
        // It is not known how many the target had let go when the flow had caught up last.
        redis.hset(CHECKPOINT, "losses", "");
        goOnWithANewWriter();
        redis.del("n");
        long end = feed.end();
        feed.age(10_000).command("INCR", "n").command("INCR", "n").command("INCR", "k");
        feed.db(3)
                .command("SET", "written anew", "1")
                .command("INCR", "written anew")
                .db(0);
        apply(feed.from(end));
        assertThat(redis.get("n")).isEqualTo("2");
        assertThat(redis.smembers(OWED)).containsExactly("0:n");
        assertThat(asked()).as("an answer could not be applied before the rest").isEmpty();

        end = feed.end();
        feed.age(0).heartbeat();
        apply(feed.from(end));
        assertThat(asked()).containsExactly("0:n");
    }

    @Test
    void nobodyLooksForKeysAtATargetThatHasLetNoneGo() {
        catchUp();
        long end = feed.end();
        feed.age(10_000).command("INCR", "new").command("INCR", "n").command("RPUSH", "list", "x");
        apply(feed.from(end));
        goOnWithANewWriter();
        end = feed.end();
        feed.command("INCR", "another").command("INCR", "n");
        apply(feed.from(end));
        assertThat(redis.get("n")).isEqualTo("7");
        assertThat(askedWhetherKeysExist()).isZero();
        assertThat(redis.exists(OWED)).isZero();
    }

    @Test
    void aKeyThatDiesWhereABatchMeetsItMayBeAnyOfTheBatch() {
        catchUp();
        letDie("n", false);
        long end = feed.end();
        feed.age(10_000).command("INCR", "n").command("INCR", "k").command("SET", "other", "1");
        apply(feed.from(end));
        assertThat(redis.smembers(OWED)).containsExactlyInAnyOrder("0:n", "0:k");
        assertThat(askedWhetherKeysExist()).isZero();

        // From here on each is looked for.
        end = feed.end();
        feed.command("INCR", "k").command("INCR", "m");
        apply(feed.from(end));
        assertThat(redis.smembers(OWED)).containsExactlyInAnyOrder("0:n", "0:k", "0:m");
        assertThat(askedWhetherKeysExist()).isEqualTo(2);
    }

    @Test
    void aKeyThatDiedWhileNobodyWasThereIsLookedFor() {
        catchUp();
        writer.close();
        letDie("n", true);
        writer = writer();
        long end = feed.end();
        feed.age(10_000).command("INCR", "n").command("INCR", "k");
        apply(feed.from(end));
        assertThat(redis.smembers(OWED)).containsExactly("0:n");
        assertThat(askedWhetherKeysExist()).isEqualTo(2);

        // Caught up again, what has gone is the target's to remove.
        catchUp();
        end = feed.end();
        feed.age(10_000).command("INCR", "m");
        apply(feed.from(end));
        assertThat(redis.smembers(OWED)).containsExactly("0:n");
    }

    @Test
    void aTargetThatWasStartedAnewCountsAnew() {
        catchUp();
        String counted = redis.hget(CHECKPOINT, "losses");
        assertThat(counted).endsWith(":0:0");
        redis.hset(CHECKPOINT, "losses", "another run:0:0");
        goOnWithANewWriter();
        long end = feed.end();
        feed.age(10_000).command("INCR", "k");
        apply(feed.from(end));
        assertThat(askedWhetherKeysExist()).isEqualTo(1);
    }

    /** Has the writer see that nothing is late. A source whose clock is ahead, so that a slow machine does not matter. */
    private void catchUp() {
        for (int i = 0; i < 2; i++) {
            long end = feed.end();
            feed.age(-HOUR).heartbeat();
            apply(feed.from(end));
        }
        assertThat(redis.hget(CHECKPOINT, "ttl")).isEqualTo("exact");
    }

    private void goOnWithANewWriter() {
        writer.close();
        writer = writer();
    }

    /** Has a key's time pass, and the server notice by itself or not. */
    private void letDie(String key, boolean noticed) {
        redis.dispatch(
                CommandType.DEBUG,
                new StatusOutput<>(StringCodec.UTF8),
                new CommandArgs<>(StringCodec.UTF8).add("SET-ACTIVE-EXPIRE").add(noticed ? 1 : 0));
        redis.pexpire(key, 1);
        long set = System.nanoTime();
        Awaitility.await()
                .until(() ->
                        noticed ? redis.info("stats").contains("expired_keys:1") : System.nanoTime() - set > 5_000_000);
    }

    private long askedWhetherKeysExist() {
        Matcher calls = Pattern.compile("cmdstat_exists:calls=(\\d+)").matcher(redis.info("commandstats"));
        return calls.find() ? Long.parseLong(calls.group(1)) : 0;
    }

    @Test
    void aCommandThatFailsForWhatItsKeysHoldStopsNothing() {
        redis.del("k");
        redis.set("list", "of another type");
        long end = feed.end();
        feed.command("RENAME", "k", "k2").command("RPUSH", "list", "x").command("INCR", "n");
        apply(feed.from(end));
        assertThat(redis.get("n")).isEqualTo("6");
        assertThat(redis.hexists(CHECKPOINT, "stuck")).isFalse();
        assertThat(asked()).containsExactlyInAnyOrder("0:k", "0:k2", "0:list");
    }

    @Test
    void whatIsOwedGoesWithItsDatabase() {
        redis.del("k");
        long end = feed.end();
        feed.command("PEXPIREAT", "k", later);
        apply(feed.from(end));
        end = feed.end();
        feed.event(io.rediscdc.model.Op.SWAPDB, "SWAPDB", "0", "5");
        apply(feed.from(end));
        assertThat(redis.smembers(OWED)).containsExactly("5:k");
        redis.select(5);
        assertThat(redis.exists(OWED)).isZero();
        redis.select(0);
        end = feed.end();
        feed.event(io.rediscdc.model.Op.FLUSH, "FLUSHALL");
        apply(feed.from(end));
        assertThat(redis.exists(OWED)).isZero();
        assertThat(asked()).containsExactly("0:k", "5:k");
    }

    @Test
    void aSnapshotHealsAll() {
        redis.del("k");
        long end = feed.end();
        feed.command("PEXPIREAT", "k", later);
        apply(feed.from(end));
        end = feed.end();
        feed.begin().end(0).heartbeat();
        apply(feed.from(end));
        assertThat(redis.exists(OWED)).isZero();
    }

    private PartitionWriter writer() {
        RepairConfig config = new SinkConfig(props()).repair();
        return new PartitionWriter(
                Feed.PARTITION,
                new SinkConfig(props()),
                target,
                new RepairChannel(config, DatabaseMap.IDENTITY, properties -> kafka),
                null,
                offset -> {});
    }

    private Map<String, String> props() {
        return Map.of("name", "test", "redis.address", server.address(), "repair.bootstrap.servers", "not.asked:9092");
    }

    private void apply(List<SinkRecord> records) {
        writer.startOfPut();
        writer.open();
        writer.startOfPut();
        for (SinkRecord record : records) {
            writer.write(
                    new Delivery(Feed.PARTITION, record.kafkaOffset(), codec.change(record.key(), record.value())));
        }
        do {
            writer.flush();
        } while (writer.isBusy());
        writer.flush();
    }

    private Stream<String> asked() {
        return kafka.history().stream()
                .peek(request -> assertThat(request.topic()).isEqualTo("changes.repair"))
                .map(request -> new String(request.value(), StandardCharsets.UTF_8));
    }
}
