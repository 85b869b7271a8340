package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.model.Op;
import io.rediscdc.model.State;
import io.rediscdc.standalone.compare.ComparisonOptions;
import io.rediscdc.standalone.compare.ComparisonResult;
import io.rediscdc.standalone.compare.RedisComparison;
import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.standalone.redis.RedisUri;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.producer.KafkaProducer;
import org.apache.kafka.clients.producer.ProducerRecord;
import org.apache.kafka.common.serialization.ByteArraySerializer;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A keyspace that travels by its elements, where they can be read, and by dumps, where not, ends up as it was. */
class TypedRecordsIT {

    private static final String[] DEBUGGABLE = {"--enable-debug-command", "yes"};
    private static final byte[] BINARY = {0, (byte) 0xff, '\r', '\n', '"', (byte) 0x80};

    private RedisServer from;
    private RedisServer to;

    @BeforeEach
    void startServers() {
        from = RedisServer.running(DEBUGGABLE);
        to = RedisServer.running(DEBUGGABLE);
    }

    @AfterEach
    void stopServers() {
        from.close();
        to.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"io.rediscdc.converter.ChangeConverter", "org.apache.kafka.connect.json.JsonConverter"})
    void arriveByAnyConverter(String converter) {
        try (Flow flow = new Flow("typed", from, to)
                .withSource("value.format", "typed")
                .with("key.converter", converter)
                .with("value.converter", converter)) {
            fill(flow.source());
            flow.start().awaitCaughtUp();
            new LiveMix(flow.source(), "after").run();
            flow.source().call("XADD", "stream", "*", "later", "x");
            flow.source().call("XREADGROUP", "GROUP", "readers", "c2", "COUNT", "5", "STREAMS", "stream", ">");
            flow.source().call("HINCRBY", "hash", "field:7", "1");
            flow.source().call("APPEND", BINARY, "more");
            flow.awaitCaughtUp();
            if (converter.startsWith("io.rediscdc")) {
                assertTyped(new Topic(flow));
            }
            assertEqual(flow);
        }
    }

    @Test
    void areWhatIsAskedForToo() {
        try (Flow flow =
                new Flow("typed", from, to).withSource("value.format", "typed").withRepairs()) {
            flow.source().call("HSET", "shop:1", "name", "x", "open", "9-17");
            flow.start().awaitSettled();
            flow.target().call("DEL", "shop:1");
            // The source listens from the topic's end on, which it has to have found first.
            await().atMost(Duration.ofSeconds(60))
                    .pollInterval(Duration.ofSeconds(1))
                    .untilAsserted(() -> {
                        request(flow.name + ".repair", "0:shop:1");
                        assertThat(flow.target().number("HLEN", "shop:1")).isEqualTo(2);
                    });
            flow.awaitSettled();
            assertThat(new Topic(flow).committed())
                    .filteredOn(entry -> entry.change().stamp().asOf() != null)
                    .isNotEmpty()
                    .allSatisfy(
                            entry -> assertThat(entry.change().state().value()).isNotNull());
            assertEqual(flow);
        }
    }

    private static void fill(RedisClientOf source) {
        new LiveMix(source, "before").run();
        source.call("SET", BINARY, BINARY);
        source.call("SET", "text", "x".repeat(200_000));
        source.call("SET", "empty", "");
        source.call("SET", "number", "-12", "PXAT", "4000000000000");
        byte[] random = new byte[700_000];
        new Random(1).nextBytes(random);
        source.call("SET", "random", random);
        each(source, "list", "redis.call('rpush', KEYS[1], 'element:' .. i)");
        each(source, "set", "redis.call('sadd', KEYS[1], 'member:' .. i)");
        each(source, "numbers", "redis.call('sadd', KEYS[1], i)");
        each(source, "zset", "redis.call('zadd', KEYS[1], i / 7, 'member:' .. i)");
        each(source, "hash", "redis.call('hset', KEYS[1], 'field:' .. i, i)");
        source.call("PEXPIREAT", "hash", "4000000000000");
        source.call("ZADD", "infinite", "-inf", "a", "inf", "b", "0.1", "c");
        source.call("RPUSH", "small", BINARY, "", "x");
        each(source, "stream", "redis.call('xadd', KEYS[1], i .. '-1', 'name', i, 'text', 'some text ' .. i)");
        source.call("XGROUP", "CREATE", "stream", "readers", "0");
        source.call("XGROUP", "CREATE", "stream", BINARY, "$");
        source.call("XGROUP", "CREATECONSUMER", "stream", BINARY, "nothing pending");
        for (int i = 0; i < 20; i++) {
            source.call("XREADGROUP", "GROUP", "readers", "c" + i % 3, "COUNT", "5", "STREAMS", "stream", ">");
        }
        source.call("XACK", "stream", "readers", "1-1", "2-1", "33-1");
        source.call("XCLAIM", "stream", "readers", "c1", "0", "3-1", "RETRYCOUNT", "9");
        source.call("XDEL", "stream", "3-1", "7-1", "8-1", "2000-1");
        source.call("XADD", "emptied", "5-1", "a", "b");
        source.call("XGROUP", "CREATE", "emptied", "readers", "0");
        source.call("XREADGROUP", "GROUP", "readers", "c", "STREAMS", "emptied", ">");
        source.call("XDEL", "emptied", "5-1");
    }

    private static void each(RedisClientOf source, String key, String what) {
        source.call("EVAL", "for i = 1, 2000 do " + what + " end", "1", key);
    }

    private static void assertTyped(Topic topic) {
        List<String> dumps = topic.committed().stream()
                .filter(entry ->
                        entry.change().op() == Op.SET && entry.change().state().value() == null)
                .map(entry -> {
                    State state = entry.change().state();
                    assertThat(state.piece()).isNull();
                    return new String(entry.change().key().key(), StandardCharsets.ISO_8859_1);
                })
                .toList();
        assertThat(dumps).containsExactlyInAnyOrder("infinite");
    }

    private void assertEqual(Flow flow) {
        flow.awaitSettled().finish();
        assertThat(flow.target().digest()).isEqualTo(flow.source().digest()).doesNotMatch("0*");
        ComparisonResult comparison = RedisComparison.compare(
                RedisUri.parse(from.uri()), RedisUri.parse(to.uri()), ComparisonOptions.DEFAULT);
        assertThat(comparison.isEqual()).as(comparison.summary()).isTrue();
    }

    private static void request(String topic, String request) {
        ByteArraySerializer bytes = new ByteArraySerializer();
        Map<String, Object> config =
                Map.of("bootstrap.servers", Platform.shared().broker().bootstrap());
        try (KafkaProducer<byte[], byte[]> producer = new KafkaProducer<>(config, bytes, bytes)) {
            producer.send(new ProducerRecord<>(topic, request.getBytes(StandardCharsets.UTF_8)))
                    .get(20, TimeUnit.SECONDS);
        } catch (InterruptedException | ExecutionException | TimeoutException e) {
            throw new IllegalStateException(e);
        }
    }
}
