package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.Range;
import io.lettuce.core.StreamMessage;
import io.lettuce.core.XAddArgs;
import io.lettuce.core.XReadArgs;
import io.lettuce.core.api.sync.RedisCommands;
import io.rediscdc.format.rdb.value.StreamId;
import io.rediscdc.format.rdb.value.StreamVisitor;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Streams whose entries get ids of the target's own: {@code stream.ids=drop}. */
class StreamIdsIT {

    private static final int ENTRIES = 300;

    private final Feed feed = new Feed();
    private RedisServer server;
    private RedisCommands<String, String> redis;
    private SinkRun run;

    @BeforeEach
    void start() {
        server = RedisServer.start();
        redis = server.commands();
        run = new SinkRun(server).with("stream.ids", "drop");
    }

    @AfterEach
    void stop() {
        run.stop();
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"auto", "typed"})
    void entriesOfAStateArriveInOrder(String writeMode) {
        byte[] dump = dumpOfAStream();
        run.with("write.mode", writeMode).start();
        feed.begin().state("stream", "stream", dump, null).end(1);
        run.replicate(feed);
        assertThat(bodies("stream")).isEqualTo(numbers(1, 5));
        assertThat(redis.xrange("stream", Range.create("1-1", "1-5"))).isEmpty();
        assertThat(redis.xinfoGroups("stream")).isEmpty();
    }

    @Test
    void piecesOfALargeStreamToo() {
        run.start();
        feed.begin()
                .large("large", "stream", null, value -> {
                    StreamVisitor stream = value.stream();
                    for (int i = 1; i <= ENTRIES; i++) {
                        stream.entry(new StreamId(1, i), new byte[][] {bytes("n"), bytes("" + i)});
                    }
                    stream.info(new StreamVisitor.Info(
                            ENTRIES,
                            new StreamId(1, ENTRIES),
                            new StreamVisitor.Counters(new StreamId(1, 1), StreamId.ZERO, ENTRIES)));
                    groups(stream);
                })
                .large("groups", "stream", null, value -> {
                    StreamVisitor stream = value.stream();
                    stream.info(new StreamVisitor.Info(
                            0,
                            new StreamId(1, 300),
                            new StreamVisitor.Counters(StreamId.ZERO, new StreamId(1, 300), 300)));
                    groups(stream);
                })
                .end(2);
        // A restart after each piece.
        for (int i = 0; i < feed.end() - 1; i++) {
            long from = Math.max(0, run.position());
            run.put(feed.from(from).subList(0, (int) (i + 1 - from)));
            run.restart();
        }
        run.replicate(feed);
        assertThat(bodies("large")).isEqualTo(numbers(1, ENTRIES));
        assertThat(redis.xinfoGroups("large")).isEmpty();
        assertThat(redis.type("groups")).isEqualTo("stream");
        assertThat(redis.xlen("groups")).isZero();
        assertThat(redis.xinfoGroups("groups")).isEmpty();
    }

    @Test
    void soDoCommands() {
        run.start();
        feed.begin()
                .end(0)
                .command("XADD", "s", "1-1", "n", "1")
                .command("XADD", "s", "MINID", "=", "1-1", "1-2", "n", "2")
                .command("XGROUP", "CREATE", "s", "g", "1-1")
                .command("XDEL", "s", "1-1")
                .member(7, 0, false, "XADD", "s", "1-3", "n", "3")
                .member(7, 1, true, "XACK", "s", "g", "1-2")
                .command("XADD", "s", "MAXLEN", "=", "3", "1-4", "n", "4")
                .command("XSETID", "s", "9-9")
                .command("SET", "after", "1");
        run.replicate(feed);
        assertThat(bodies("s")).isEqualTo(numbers(2, 4));
        assertThat(redis.xrange("s", Range.create("1-1", "9-9"))).isEmpty();
        assertThat(redis.xinfoGroups("s")).isEmpty();
        assertThat(redis.get("after")).isEqualTo("1");
    }

    private byte[] dumpOfAStream() {
        for (int i = 1; i <= 5; i++) {
            redis.xadd("made", new XAddArgs().id("1-" + i), Map.of("n", "" + i));
        }
        redis.xgroupCreate(XReadArgs.StreamOffset.from("made", "1-3"), "g");
        byte[] dump = redis.dump("made");
        redis.flushall();
        return dump;
    }

    private static void groups(StreamVisitor stream) {
        for (int g = 0; g < 100; g++) {
            stream.group(bytes("g" + g), new StreamId(1, 3), 3);
            stream.consumer(bytes("c"), 1, 1);
            stream.pending(new StreamId(1, 2), 5, 2);
        }
    }

    private List<String> bodies(String stream) {
        return redis.xrange(stream, Range.unbounded()).stream()
                .map(StreamMessage::getBody)
                .map(body -> body.get("n"))
                .toList();
    }

    private static List<String> numbers(int first, int last) {
        return IntStream.rangeClosed(first, last).mapToObj(Integer::toString).toList();
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
