package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.command.rebuild.StreamIds;
import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;
import io.rediscdc.format.rdb.value.ValueVisitor;
import io.rediscdc.model.Flavour;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.sink.expiry.Expiry;
import io.rediscdc.sink.state.MergePolicy;
import io.rediscdc.sink.target.CommandBuffer;
import io.rediscdc.sink.target.TargetFacts;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is sent to targets of which no test has one. */
class LargeValuesTest {

    private final List<String> omitted = new ArrayList<>();

    @Test
    void consumersOfRedis5AreMadeByReading() {
        assertThat(sentTo(500, "stream", LargeValuesTest::stream))
                .contains(" XREADGROUP GROUP g c COUNT 1 STREAMS __redis-cdc:big:")
                .contains(" 0 XCLAIM ")
                .doesNotContain("CREATECONSUMER")
                .doesNotContain("ENTRIESREAD")
                .doesNotContain("ENTRIESADDED");
        assertThat(omitted).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({"208,HMSET", "302,HMSET", "400,HSET", "500,HSET"})
    void fieldsGoAsTheTargetTakesThem(int version, String name) {
        assertThat(sentTo(version, "hash", value -> {
                    value.hashField(bytes("a"), bytes("1"), ValueVisitor.NEVER);
                    value.hashField(bytes("b"), bytes("2"), ValueVisitor.NEVER);
                }))
                .contains(" " + name + " __redis-cdc:big:")
                .contains(" a 1 b 2 ");
    }

    private String sentTo(int version, String type, Consumer<ValueVisitor> value) {
        LargeValues large = new LargeValues(
                new CheckpointKey("test", Feed.PARTITION),
                new Expiry(),
                MergePolicy.REPLACE,
                StreamIds.KEEP,
                omitted::add);
        large.target(new TargetFacts(
                RedisAddress.parse("127.0.0.1:1"), Flavour.REDIS, "", version, version, false, false, "noeviction"));
        CommandBuffer out = new CommandBuffer();
        ChangeCodec codec = new ChangeCodec();
        new Feed()
                .large("k", type, null, value)
                .from(0)
                .forEach(record -> large.encode(codec.change(record.key(), record.value()), out));
        return out.view()
                .toString(StandardCharsets.UTF_8)
                .replaceAll("(\\*|\\$)\\d+\r\n", "")
                .replace("\r\n", " ");
    }

    private static void stream(ValueVisitor value) {
        StreamVisitor stream = value.stream();
        stream.entry(new StreamId(1, 1), new byte[][] {bytes("f"), bytes("v")});
        stream.info(new StreamVisitor.Info(
                1, new StreamId(1, 1), new StreamVisitor.Counters(new StreamId(1, 1), new StreamId(0, 0), 1)));
        stream.group(bytes("g"), new StreamId(1, 1), 1);
        stream.consumer(bytes("c"), 1, 1);
        stream.pending(new StreamId(1, 1), 5, 2);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
