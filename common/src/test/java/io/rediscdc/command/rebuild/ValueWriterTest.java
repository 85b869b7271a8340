package io.rediscdc.command.rebuild;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;
import io.rediscdc.format.rdb.value.ValueVisitor;
import io.rediscdc.model.Flavour;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The commands, one by one; that servers understand them is shown by {@link ValueRebuildIT}. */
class ValueWriterTest {

    private static final TargetAbilities NEWEST = TargetAbilities.of(Flavour.REDIS, 8, 6);
    private static final TargetAbilities OLDEST = TargetAbilities.of(Flavour.REDIS, 2, 8);
    private static final RebuildLimits THREE = new RebuildLimits(10, 3);

    private final Collected commands = new Collected();

    @Test
    void cutsByElementsAndByBytes() {
        ValueWriter writer = writer(NEWEST, THREE);
        for (String element : List.of("1", "2", "3", "4", "55555", "666666", "a very long one", "8")) {
            writer.listElement(bytes(element));
        }
        writer.finish();
        assertThat(commands.lines)
                .containsExactly(
                        "RPUSH k 1 2 3", "RPUSH k 4 55555", "RPUSH k 666666", "RPUSH k a very long one", "RPUSH k 8");
    }

    @Test
    void appendsPiecesOfAString() {
        ValueWriter writer = writer(OLDEST, THREE);
        writer.string(bytes("ab"), false);
        writer.string(bytes("cd"), false);
        writer.string(bytes(""), true);
        writer.finish();
        assertThat(commands.lines).containsExactly("SET k ab", "APPEND k cd", "APPEND k ");
    }

    @Test
    void fieldsExpireBehindTheirWriting() {
        ValueWriter writer = writer(NEWEST, THREE);
        writer.hashField(bytes("a"), bytes("1"), 1_000);
        writer.hashField(bytes("b"), bytes("2"), ValueVisitor.NEVER);
        writer.hashField(bytes("c"), bytes("3"), 2_000);
        writer.hashField(bytes("d"), bytes("4"), 1_000);
        writer.hashField(bytes("e"), bytes("5"), 3_000);
        writer.finish();
        assertThat(commands.lines)
                .containsExactly(
                        "HSET k a 1 b 2 c 3",
                        "HSET k d 4",
                        "HPEXPIREAT k 1000 FIELDS 2 a d",
                        "HPEXPIREAT k 2000 FIELDS 1 c",
                        "HSET k e 5",
                        "HPEXPIREAT k 3000 FIELDS 1 e");
    }

    @Test
    void reportsWhatTheTargetCannotHold() {
        ValueWriter writer = writer(OLDEST, THREE);
        writer.hashField(bytes("a"), bytes("1"), 1_000);
        writer.finish();
        ValueWriter toNewest = writer(NEWEST, THREE);
        toNewest.hashField(bytes("b"), bytes("2"), Long.MAX_VALUE);
        toNewest.finish();
        ValueWriter scores = writer(NEWEST, THREE);
        scores.zsetMember(bytes("m"), Double.NaN);
        scores.finish();
        writer(OLDEST, THREE).stream();
        assertThat(commands.lines)
                .containsExactly(
                        "lacks HASH_FIELD_EXPIRY",
                        "HMSET k a 1",
                        "lacks HASH_FIELD_EXPIRY",
                        "HSET k b 2",
                        "lacks NAN_SCORE",
                        "lacks STREAM");
    }

    @Test
    void scoresReadBackAsTheSame() {
        double[] scores = {
            0,
            -0.0,
            1,
            -17,
            0.1,
            1e300,
            -1.5e-300,
            Double.MIN_VALUE,
            Double.MAX_VALUE,
            (1L << 53) + 2.0,
            3.0e18,
            Double.POSITIVE_INFINITY,
            Double.NEGATIVE_INFINITY
        };
        ValueWriter writer = writer(OLDEST, RebuildLimits.DEFAULT);
        for (double score : scores) {
            writer.zsetMember(bytes("m"), score);
        }
        writer.finish();
        String[] words = commands.lines.get(0).split(" ", -1);
        for (int i = 0; i < scores.length; i++) {
            String text = words[2 + 2 * i].replace("inf", "Infinity");
            assertThat(Double.doubleToLongBits(Double.parseDouble(text))).isEqualTo(Double.doubleToLongBits(scores[i]));
        }
    }

    @Test
    void streamOfAnOldServerForAnOldTarget() {
        ValueWriter writer = writer(TargetAbilities.of(Flavour.REDIS, 5, 0), THREE);
        StreamVisitor stream = writer.stream();
        stream.entry(id(1), new byte[][] {bytes("f"), bytes("v")});
        stream.info(new StreamVisitor.Info(1, id(5), null));
        stream.group(bytes("g"), id(1), StreamVisitor.UNKNOWN);
        stream.consumer(bytes("idle"), 1, StreamVisitor.UNKNOWN);
        stream.consumer(bytes("busy"), 1, StreamVisitor.UNKNOWN);
        stream.pending(id(1), 7, 2);
        writer.finish();
        assertThat(commands.lines)
                .containsExactly(
                        "XADD k 1-0 f v",
                        "XSETID k 5-0",
                        "XGROUP CREATE k g 1-0 MKSTREAM",
                        "lacks CONSUMER_TIMES",
                        "XREADGROUP GROUP g idle COUNT 1 STREAMS k 0",
                        "lacks CONSUMER_TIMES",
                        "XCLAIM k g busy 0 1-0 TIME 7 RETRYCOUNT 2 FORCE JUSTID");
    }

    @Test
    void emptyStreamIsThere() {
        ValueWriter writer = writer(NEWEST, THREE);
        StreamVisitor stream = writer.stream();
        stream.info(new StreamVisitor.Info(0, id(9), new StreamVisitor.Counters(StreamId.ZERO, id(8), 4)));
        writer.finish();
        assertThat(commands.lines)
                .containsExactly(
                        "XGROUP CREATE k 0 0-0 MKSTREAM",
                        "XGROUP DESTROY k 0",
                        "XSETID k 9-0 ENTRIESADDED 4 MAXDELETEDID 8-0");
    }

    private ValueWriter writer(TargetAbilities target, RebuildLimits limits) {
        return new ValueWriter(bytes("k"), target, limits, commands);
    }

    private static StreamId id(long ms) {
        return new StreamId(ms, 0);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(ISO_8859_1);
    }

    private static final class Collected implements RebuildOutput {

        private final List<String> lines = new ArrayList<>();

        @Override
        public void command(byte[][] args) {
            lines.add(Stream.of(args).map(arg -> new String(arg, ISO_8859_1)).collect(Collectors.joining(" ")));
        }

        @Override
        public void unsupported(Unsupported what) {
            lines.add("lacks " + what);
        }
    }
}
