package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.sink.expiry.Expiry;
import io.rediscdc.sink.expiry.Losses;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.apache.kafka.connect.sink.SinkRecord;
import org.junit.jupiter.api.Test;

class DatabaseRoutingTest {

    private static final CheckpointKey KEY = new CheckpointKey("flow", Feed.PARTITION);

    private final DatabaseMap map = DatabaseMap.parse(SinkConfig.DB_MAP, List.of("3:0", "0:drop", "4:7", "7:4"));
    private final WriterMetrics metrics = new WriterMetrics();
    private final Repairs off = new Repairs(KEY, null, metrics, any -> true);
    private final Feed feed = new Feed().begin();

    @Test
    void numbersAmongTheArgumentsAreThoseOfTheTarget() {
        feed.db(4);
        assertThat(routed(feed.command("COPY", "a", "DB", "db", "3"))).isEqualTo("4>7 COPY a DB db 0");
        assertThat(routed(feed.command("copy", "a", "b", "replace"))).isEqualTo("4>7 copy a b replace");
        assertThat(routed(feed.command("MOVE", "a", "5"))).isEqualTo("4>7 MOVE a 5");
        assertThat(routed(feed.command("MOVE", "a", "0"))).isEqualTo("4>7 DEL a");
        assertThat(routed(feed.event(Op.SWAPDB, "SWAPDB", "7", "3"))).isEqualTo("4>0 SWAPDB 4 0");
        assertThat(routed(feed.event(Op.FLUSH, "FLUSHDB"))).isEqualTo("4>7 FLUSHDB");
        assertThat(routed(feed.event(Op.PUBLISH, "PUBLISH", "c", "m"))).isEqualTo("4>0 PUBLISH c m");
    }

    @Test
    void whatIsLeftOutIsCounted() {
        feed.db(0).command("SET", "a", "1").command("COPY", "a", "b", "DB", "0");
        feed.event(Op.FLUSH, "FLUSHDB").event(Op.SWAPDB, "SWAPDB", "0", "0");
        long count = feed.from(1).stream()
                .filter(each -> routing(off).route(delivery(each)) == null)
                .count();
        assertThat(count).isEqualTo(4);
        assertThat(routed(feed.event(Op.FLUSH, "FLUSHALL"))).isEqualTo("0>0 FLUSHALL");
    }

    @Test
    void whatCannotBeToldStops() {
        assertRefused(feed.db(0).command("MOVE", "a", "3"), Category.CONFIG, "repair.bootstrap.servers");
        assertRefused(feed.event(Op.SWAPDB, "SWAPDB", "4", "0"), Category.UNSUPPORTED, "leaves out ([0])");
        assertRefused(feed.db(4).command("EVAL", "return 1", "0"), Category.UNSUPPORTED, "is a script as such");
    }

    private void assertRefused(Feed last, Category category, String why) {
        assertThatThrownBy(() -> routed(last))
                .isInstanceOfSatisfying(
                        RedisCdcException.class, e -> assertThat(e.category()).isEqualTo(category))
                .hasMessageContaining("the record at changes-0@")
                .hasMessageContaining(why);
    }

    /** A key that comes from where nothing is replicated is as the source says. */
    @Test
    void whatComesFromADatabaseThatIsLeftOutIsAskedFor() {
        SinkConfig config =
                new SinkConfig(Map.of("name", "n", "redis.address", "h:1", "repair.bootstrap.servers", "not.asked:1"));
        Repairs on = new Repairs(KEY, new RepairChannel(config.repair(), map), metrics, any -> true);
        feed.db(0).command("COPY", "a", "b", "DB", "3");
        assertThat(routing(on).route(last())).isNull();
        assertThat(on.areOwed()).isTrue();
    }

    private String routed(Feed fed) {
        assertThat(fed).isSameAs(feed);
        SinkRecord read = feed.from(feed.end() - 1).get(0);
        int db = new ChangeCodec().change(read.key(), read.value()).key().db();
        Change change = routing(off).route(last()).change();
        return db
                + ">"
                + change.key().db()
                + Stream.of(change.command().args())
                        .map(arg -> " " + new String(arg, StandardCharsets.UTF_8))
                        .collect(Collectors.joining());
    }

    private DatabaseRouting routing(Repairs repairs) {
        return new DatabaseRouting(
                map, new Divergences(KEY, repairs, new Expiry(), new Losses(), metrics), any -> true, metrics);
    }

    private Delivery last() {
        return delivery(feed.from(feed.end() - 1).get(0));
    }

    private Delivery delivery(SinkRecord record) {
        Change change = new ChangeCodec().change(record.key(), record.value());
        return new Delivery(Feed.PARTITION, record.kafkaOffset(), map.change(change));
    }
}
