package io.rediscdc.standalone.compare;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.standalone.compare.Difference.Kind;
import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisUri;
import java.time.Duration;
import java.util.Map;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RedisComparisonTest {

    private static final ComparisonOptions AT_FIRST_SIGHT = ComparisonOptions.DEFAULT.withRounds(0);

    private static RedisServer sourceServer;
    private static RedisServer targetServer;

    private RedisConnection source;
    private RedisConnection target;

    @BeforeAll
    static void start() {
        sourceServer = RedisServer.running();
        targetServer = RedisServer.running();
    }

    @AfterAll
    static void stop() {
        sourceServer.close();
        targetServer.close();
    }

    @BeforeEach
    void connect() {
        source = RedisConnection.open(RedisUri.parse(sourceServer.uri()));
        target = RedisConnection.open(RedisUri.parse(targetServer.uri()));
        onBoth("FLUSHALL");
        onBoth("FUNCTION FLUSH");
    }

    @AfterEach
    void disconnect() {
        source.close();
        target.close();
    }

    @Test
    void emptyServersAreEqual() {
        assertThat(compare().isEqual()).isTrue();
        assertThat(compare().compared()).isZero();
    }

    @Test
    void manyKeysInManyDatabasesAreEqual() {
        onBoth("DEBUG POPULATE 25000 key 100");
        onBoth("SELECT 9");
        onBoth("DEBUG POPULATE 3000 other 7");
        ComparisonResult result = compare();
        assertThat(result.counts()).isEmpty();
        assertThat(result.compared()).isEqualTo(28_000);
        assertThat(result.summary()).startsWith("equal: 28,000 keys");
    }

    @Test
    void countsEveryKindOfDifference() {
        onBoth("DEBUG POPULATE 5000 key 10");
        on(source, "SET missing:1 x");
        on(source, "SET missing:2 x");
        on(target, "SET extra x");
        on(source, "SET type x");
        on(target, "LPUSH type x");
        on(target, "SET key:17 changed");
        on(target, "PEXPIRE key:18 100000");
        on(target, "SELECT 3");
        on(target, "SET extra x");
        ComparisonResult result = compare();
        assertThat(result.counts())
                .isEqualTo(Map.of(Kind.MISSING, 2L, Kind.EXTRA, 2L, Kind.TYPE, 1L, Kind.VALUE, 1L, Kind.TTL, 1L));
        assertThat(result.equal()).isEqualTo(4998);
        assertThat(result.examples()).hasSize(7);
        assertThat(result.examples().toString()).contains("missing at the target: db 0 \"missing:1\"");
        assertThat(result.summary())
                .startsWith("different: 2 missing at the target, 2 extra at the target, 1 of another");
    }

    /** Same content, other encoding or order: DUMPs differ, values do not. */
    @ParameterizedTest
    @ValueSource(ints = {20, 300, 5000})
    void orderAndEncodingOfUnorderedTypesDoNotCount(int size) {
        IntStream.range(0, size).forEach(i -> {
            on(source, "SADD set member-" + i);
            on(target, "SADD set member-" + (size - 1 - i));
            on(source, "HSET hash field-" + i + " " + i);
            on(target, "HSET hash field-" + (size - 1 - i) + " " + (size - 1 - i));
            on(source, "ZADD zset " + i / 3.0 + " m" + i);
            on(target, "ZADD zset " + (size - 1 - i) / 3.0 + " m" + (size - 1 - i));
            on(source, "RPUSH list " + "x".repeat(50) + i);
            on(target, "LPUSH list " + "x".repeat(50) + (size - 1 - i));
        });
        on(target, "CONFIG SET set-max-intset-entries 0");
        onBoth("SADD ints 1 2 3");
        on(target, "CONFIG SET set-max-intset-entries 512");
        assertThat(compare().examples()).isEmpty();
        assertThat(compare().compared()).isEqualTo(5);

        on(target, "SREM set member-7");
        on(target, "SADD set member-x");
        on(target, "HSET hash field-7 8");
        on(target, "ZINCRBY zset 0.001 m7");
        on(target, "LSET list 7 other");
        assertThat(compare().counts()).isEqualTo(Map.of(Kind.VALUE, 4L));
    }

    @ParameterizedTest
    @CsvSource({
        "XADD s 9-1 f w, one more entry",
        "XDEL s 2-0, an entry less",
        "XSETID s 50-0, another last id",
        "XGROUP CREATE s g2 $, one more group",
        "XGROUP SETID s g 1-0, another position of a group",
        "XGROUP CREATECONSUMER s g c9, one more consumer",
        "XACK s g 1-0, one pending entry less",
        "XCLAIM s g c2 0 1-0, an entry pending elsewhere",
    })
    void streamsDifferBy(String command, String what) {
        onBoth("XADD s 1-0 f v");
        onBoth("XADD s 2-0 f v");
        onBoth("XADD s 3-0 f v");
        onBoth("XGROUP CREATE s g 0");
        onBoth("XGROUP CREATECONSUMER s g c2");
        onBoth("XREADGROUP GROUP g c1 COUNT 2 STREAMS s >");
        assertThat(compare().examples()).as("before: idle times must not count").isEmpty();
        on(target, command);
        assertThat(compare().counts()).as(what).isEqualTo(Map.of(Kind.VALUE, 1L));
    }

    @Test
    void largeStreamsAndStringsAreReadInWindows() {
        IntStream.range(0, 2500).forEach(i -> onBoth("XADD s " + (i + 1) + "-0 f " + i));
        onBoth("SETRANGE string 3000000 end");
        on(target, "XADD s 3000-0 f v");
        on(target, "SETRANGE string 2500000 x");
        assertThat(compare().counts()).isEqualTo(Map.of(Kind.VALUE, 2L));
        on(source, "XADD s 3000-0 f v");
        on(source, "SETRANGE string 2500000 x");
        assertThat(compare().isEqual()).isTrue();
    }

    @Test
    void expiryTimesMayDifferByTheTolerance() {
        long at = System.currentTimeMillis() + 100_000;
        on(source, "SET k v PXAT " + at);
        on(target, "SET k v PXAT " + (at + 80));
        assertThat(compare().isEqual()).isTrue();
        ComparisonOptions strict = AT_FIRST_SIGHT.withTtlTolerance(Duration.ofMillis(79));
        assertThat(compare(strict).counts()).isEqualTo(Map.of(Kind.TTL, 1L));
        on(target, "PERSIST k");
        assertThat(compare().counts()).isEqualTo(Map.of(Kind.TTL, 1L));
    }

    @Test
    void ourOwnKeysDoNotCount() {
        on(target, "HSET __redis-cdc:checkpoint:{flow}:topic:0 pos:0 1:2:3");
        on(source, "SET __redis-cdc:x 1");
        assertThat(compare().isEqual()).isTrue();
        assertThat(compare().compared()).isZero();
        on(target, "SET __redis-cd 1");
        assertThat(compare().counts()).isEqualTo(Map.of(Kind.EXTRA, 1L));
    }

    @Test
    void functionLibrariesCount() {
        source.call("FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 1 end)");
        assertThat(compare().counts()).isEqualTo(Map.of(Kind.FUNCTION, 1L));
        target.call("FUNCTION", "LOAD", "#!lua name=lib\nredis.register_function('f', function() return 2 end)");
        assertThat(compare().counts()).isEqualTo(Map.of(Kind.FUNCTION, 1L));
        target.call(
                "FUNCTION", "LOAD", "REPLACE", "#!lua name=lib\nredis.register_function('f', function() return 1 end)");
        assertThat(compare().isEqual()).isTrue();
    }

    @Test
    void whatConvergesWhileItIsLookedAtAgainIsEqual() throws InterruptedException {
        on(source, "SET late v");
        Thread replication = new Thread(() -> {
            try {
                Thread.sleep(300);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            on(target, "SET late v");
        });
        replication.start();
        assertThat(compare(ComparisonOptions.DEFAULT).isEqual()).isTrue();
        replication.join();
    }

    @Test
    void oneDatabaseCanBeComparedWithAnother() {
        on(source, "SELECT 2");
        on(target, "SELECT 5");
        onBoth("SET k v");
        on(source, "SELECT 0");
        on(source, "SET elsewhere v");
        ComparisonOptions databases = new ComparisonOptions(Duration.ofMillis(100), 1, Duration.ofMillis(1), 10, 2, 5);
        assertThat(compare(databases).isEqual()).isTrue();
        assertThat(compare().isEqual()).isFalse();
    }

    private static ComparisonResult compare() {
        return compare(AT_FIRST_SIGHT);
    }

    private static ComparisonResult compare(ComparisonOptions options) {
        return RedisComparison.compare(RedisUri.parse(sourceServer.uri()), RedisUri.parse(targetServer.uri()), options);
    }

    private void onBoth(String command) {
        on(source, command);
        on(target, command);
    }

    private static void on(RedisConnection connection, String command) {
        connection.call(command.split(" ", -1));
    }
}
