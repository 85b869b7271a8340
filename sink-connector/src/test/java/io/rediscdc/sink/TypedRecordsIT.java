package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.lettuce.core.RestoreArgs;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.RdbType;
import io.rediscdc.model.Flavour;
import io.rediscdc.sink.expiry.Lift;
import java.io.IOException;
import java.util.List;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** States that come by their elements, as the source writes them with value.format=typed. */
class TypedRecordsIT {

    private RedisServer server;
    private SinkRun run;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        run = new SinkRun(server);
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"2.8", "3.2", "4.0", "5.0", "6.2", "7.0", "7.2", "7.4", "8.0", "8.6", "valkey8", "valkey9"})
    void becomeWhatServersSaved(String version) throws IOException {
        run.with("unsupported.policy", "drop").start();
        Saved saved = Saved.by(version, key -> true);
        assertThat(dumps(saved)).isLessThan(saved.keys().size() / 10L);
        overwrite(saved);
        run.replicate(saved.feed());
        assertHas(saved);
    }

    @ParameterizedTest
    @ValueSource(strings = {"exactly_once", "at_least_once"})
    void areMixedWithDumpsAsTheyCome(String delivery) throws IOException {
        run.with("delivery", delivery).start();
        Saved saved = Saved.by("7.0", key -> key.key().length % 2 == 0);
        assertThat(dumps(saved))
                .isBetween(saved.keys().size() / 10L, saved.keys().size() * 9L / 10);
        overwrite(saved);
        run.replicate(saved.feed());
        assertHas(saved);
    }

    @Test
    void areAddedToWhatIsThereIfMerged() throws IOException {
        run.with("merge.policy", "merge").start();
        Saved saved = Saved.by("7.0", key -> true);
        for (RdbItem.Key key : saved.keys()) {
            server.bytes().select(key.db());
            switch (key.type().typeName()) {
                case "hash" -> server.bytes().hset(key.key(), new byte[] {1}, new byte[] {1});
                case "set" -> server.bytes().sadd(key.key(), new byte[] {1});
                case "zset" -> server.bytes().zadd(key.key(), 1, new byte[] {1});
                default -> server.bytes().set(key.key(), new byte[] {1});
            }
        }
        run.replicate(saved.feed());
        for (RdbItem.Key key : saved.keys()) {
            int added = key.type().typeName().matches("hash|set|zset") ? 1 : 0;
            List<String> before = Saved.lines(key.dump(), saved.flavour());
            assertThat(Saved.lines(dump(key), Flavour.REDIS))
                    .hasSize(before.size() + added)
                    .containsAll(before);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"skip", "fail"})
    void areNoReasonToTouchWhatIsThereAlready(String policy) throws IOException {
        run.with("exists.policy", policy).start();
        Saved saved = Saved.by("7.0", key -> true);
        overwrite(saved);
        if (policy.equals("fail")) {
            assertThatThrownBy(() -> run.replicate(saved.feed())).hasMessageContaining("exists.policy");
        } else {
            run.replicate(saved.feed());
        }
        for (RdbItem.Key key : saved.keys()) {
            server.bytes().select(key.db());
            assertThat(server.bytes().type(key.key())).isEqualTo("list");
            assertThat(server.bytes().llen(key.key())).isEqualTo(1);
        }
    }

    @Test
    void stopAFlowThatMayOnlyRestore() throws IOException {
        run.with("write.mode", "dump").start();
        Saved saved = Saved.by("7.0", key -> true);
        assertThatThrownBy(() -> run.put(saved.feed().from(0)))
                .hasMessageContaining("the record at changes-0@")
                .hasMessageContaining("no dump to RESTORE")
                .hasMessageContaining("write.mode=auto");
        assertThat(server.commands().dbsize()).isEqualTo(1);
    }

    @Test
    void stopAFlowWhoseTargetCannotHoldThem() throws IOException {
        run.start();
        Saved saved = Saved.by("7.4", key -> true);
        assertThatThrownBy(() -> run.put(saved.feed().from(0)))
                .hasMessageContaining("the record at changes-0@")
                .hasMessageContaining("hash-field-expiry")
                .hasMessageContaining("unsupported.policy=drop");
        assertThat(server.commands().dbsize()).isEqualTo(1);
    }

    @Test
    void expireWhenTheHistorySaysSo() {
        run.start();
        long at = System.currentTimeMillis() + 3_600_000;
        Feed feed = new Feed().typed(true).age(10_000).begin();
        feed.state("k", "v", at).end(1);
        run.deliver(feed.from(0));
        assertThat(server.commands().pexpiretime("k")).isEqualTo(Lift.up(at));
        long next = feed.end();
        run.deliver(feed.age(0).heartbeat().from(next));
        run.rest();
        assertThat(server.commands().pexpiretime("k")).isEqualTo(at);
        assertThat(server.commands().get("k")).isEqualTo("v");
    }

    private static long dumps(Saved saved) {
        return saved.feed().from(0).stream()
                .filter(each -> ((Struct) each.value()).get("dump") != null)
                .count();
    }

    private void overwrite(Saved saved) {
        for (RdbItem.Key key : saved.keys()) {
            server.bytes().select(key.db());
            server.bytes().rpush(key.key(), new byte[] {1});
        }
    }

    private void assertHas(Saved saved) {
        for (RdbItem.Key key : saved.keys()) {
            byte[] dump = dump(key);
            if (Saved.isModule(key)) {
                assertThat(dump).isNull();
                continue;
            }
            String name = key.type() + " " + Saved.name(key);
            List<String> before =
                    Saved.lines(key.type() == RdbType.STREAM_LISTPACKS ? restored(key) : key.dump(), saved.flavour());
            // The first id of an empty stream that a server of 7.0 took from an older one.
            before = before.stream()
                    .map(line -> line.replace("18446744073709551615-18446744073709551615", "0-0"))
                    .toList();
            assertThat(Saved.lines(dump, Flavour.REDIS)).as(name).isEqualTo(Saved.withoutFieldTimes(before));
            assertThat(server.bytes().pexpiretime(key.key())).as(name).isEqualTo(key.expireAtMs());
        }
    }

    /** A server that counts in streams makes up what one that does not has not said. */
    private byte[] restored(RdbItem.Key key) {
        byte[] name = {'r'};
        server.bytes().restore(name, key.dump(), RestoreArgs.Builder.ttl(0).replace());
        return server.bytes().dump(name);
    }

    private byte[] dump(RdbItem.Key key) {
        server.bytes().select(key.db());
        return server.bytes().dump(key.key());
    }
}
