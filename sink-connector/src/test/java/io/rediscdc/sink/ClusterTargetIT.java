package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.Op;
import io.rediscdc.slot.Slot;
import io.rediscdc.testing.RedisCluster;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.apache.kafka.connect.errors.RetriableException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Writing to a real cluster of three masters: everything once, whatever happens to slots, tasks and connections. */
@Timeout(120)
class ClusterTargetIT {

    /** How many slots are moved one after another. */
    private static final int MOVES = Integer.getInteger("cluster.moves", 100);

    private static RedisCluster cluster;

    private final Feed feed = new Feed();
    private final Random random = new Random(4711);
    private final Counters counters = new Counters(feed, random);
    private SinkRun run;

    @BeforeAll
    static void startCluster() throws IOException, InterruptedException {
        cluster = RedisCluster.start(3, 0);
    }

    @AfterAll
    static void stopCluster() throws IOException {
        cluster.close();
    }

    @BeforeEach
    void start() {
        for (int i = 0; i < cluster.size(); i++) {
            cluster.node(i).call("FLUSHALL");
        }
        run = new SinkRun(cluster).start();
    }

    @AfterEach
    void stop() {
        run.stop();
    }

    @Test
    void snapshotAndCommandsReachTheirNodes() {
        feed.begin();
        for (int i = 0; i < 500; i++) {
            feed.state("s" + i, "v" + i);
        }
        feed.end(500);
        counters.add(3_000);
        run.replicate(feed);
        assertThat(get("s0")).isEqualTo("v0");
        assertThat(get("s499")).isEqualTo("v499");
        counters.check(cluster);
        assertThat(keys()).as("nodes share the checkpoints").isEqualTo(500 + counters.keys() + 3);
    }

    @Test
    void whatNamesKeysOfSeveralSlotsIsDivided() {
        feed.begin().end(0);
        feed.command("MSET", "a", "1", "b", "2", "c", "3", "d", "4", "e", "5");
        feed.command("DEL", "a", "d");
        feed.member(7, 0, false, "SET", "t1", "x")
                .member(7, 1, false, "INCR", "b")
                .member(7, 2, true, "UNLINK", "c", "t1");
        run.replicate(feed);
        assertThat(List.of(exists("a"), exists("c"), exists("d"), exists("t1"))).containsOnly(0L);
        assertThat(get("b")).isEqualTo("3");
        assertThat(get("e")).isEqualTo("5");
    }

    @Test
    void aFlushLeavesTheCheckpoints() {
        feed.begin().end(0);
        counters.add(200);
        feed.event(Op.FLUSH, "FLUSHALL");
        feed.command("SET", "after", "1");
        run.replicate(feed);
        assertThat(keys()).isEqualTo(1 + 3);
        run.restart();
        feed.command("INCR", "after");
        run.replicate(feed);
        assertThat(get("after")).isEqualTo("2");
    }

    @Test
    void functionLibrariesAreAtEveryMaster() {
        feed.begin().library("saved").library("both").end(0);
        feed.event(Op.FUNCTION, "FUNCTION", "LOAD", Feed.code("live"));
        feed.command("SET", "after", "1");
        run.replicate(feed);
        assertThat(libraries()).hasSize(cluster.size()).allSatisfy(each -> assertThat(each)
                .containsExactlyInAnyOrder("saved", "both", "live"));
        feed.event(Op.FUNCTION, "FUNCTION", "DELETE", "both");
        feed.command("INCR", "after");
        run.replicate(feed);
        assertThat(libraries()).allSatisfy(each -> assertThat(each).containsExactlyInAnyOrder("saved", "live"));
        feed.event(Op.FUNCTION, "FUNCTION", "FLUSH").command("INCR", "after");
        run.replicate(feed);
        assertThat(libraries()).containsOnly(Set.of());
        assertThat(get("after")).isEqualTo("3");
    }

    @Test
    void aCommandAcrossSlotsNeedsTheSource() {
        feed.begin().end(0).command("SET", "a", "1").command("RENAME", "a", "b");
        assertThatThrownBy(() -> run.deliver(feed.from(0)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("a command (rename) that has keys of several slots")
                .hasMessageContaining("repair.bootstrap.servers");
    }

    @Test
    void aDatabaseOfTheSourceIsPutIntoTheOneThatThereIs() {
        run.stop();
        run.with("db.map", "3:0,0:drop").start();
        feed.begin().state("zero", "x").db(3).state("a", "1").state("b", "1").end(3);
        feed.command("INCR", "a").command("COPY", "{b}1", "{b}2", "DB", "3").command("MOVE", "b", "0");
        feed.db(0).command("INCR", "a").command("MSET", "b", "2", "c", "2").event(Op.FLUSH, "FLUSHDB");
        run.replicate(feed);
        assertThat(get("a")).isEqualTo("2");
        assertThat(keys()).isEqualTo(1 + 3);
        assertThat(run.metric("dropped-total")).as("counted once").isEqualTo(1 + 2 + 1);
        feed.db(3).event(Op.FLUSH, "FLUSHDB").command("SET", "c", "1");
        run.restart();
        run.replicate(feed);
        assertThat(get("c")).isEqualTo("1");
        assertThat(keys()).isEqualTo(1 + 3);
        feed.command("MOVE", "c", "5");
        assertThatThrownBy(() -> run.deliver(feed.from(feed.end() - 1)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("brings a key to database 5, and a cluster has database 0 only")
                .hasMessageContaining("db.map=5:drop");
    }

    @Test
    void aLongCommandIsCutForTheScript() {
        String[] push = new String[20_002];
        push[0] = "RPUSH";
        push[1] = "long";
        for (int i = 2; i < push.length; i++) {
            push[i] = Integer.toString(i);
        }
        feed.begin().end(0).command(push).command("LPOP", "long");
        run.replicate(feed);
        assertThat(cluster.call("LLEN", "long").text()).isEqualTo("19999");
        assertThat(cluster.call("LINDEX", "long", "0").text()).isEqualTo("3");
        assertThat(cluster.call("LINDEX", "long", "-1").text()).isEqualTo("20001");
    }

    @Test
    void aFirstClaimThatBreaksOffIsMadeAgain() {
        run.put(List.of());
        run.stop();
        Reply.Array checkpoints = (Reply.Array) cluster.node(1).call("KEYS", "__redis-cdc:checkpoint:*");
        assertThat(checkpoints.elements()).hasSize(1);
        cluster.node(1).call("DEL", checkpoints.elements().get(0).text());
        feed.begin().end(0).command("SET", "a", "1");
        run.start();
        run.replicate(feed);
        assertThat(get("a")).isEqualTo("1");
    }

    /** As when the task dies after its first batch has reached some of the nodes. */
    @Test
    void aNodeThatHasNothingYetGetsAllFromTheBeginning() {
        feed.begin().end(0);
        counters.add(300);
        run.replicate(feed);
        run.stop();
        Reply.Array keys = (Reply.Array) cluster.node(1).call("KEYS", "*");
        for (Reply key : keys.elements()) {
            if (key.text().startsWith("__redis-cdc:checkpoint:")) {
                cluster.node(1).call("HSET", key.text(), "offset", "-1");
                cluster.node(1).call("HDEL", key.text(), "pos:main");
            } else {
                cluster.node(1).call("DEL", key.text());
            }
        }
        run.start();
        counters.add(100);
        run.replicate(feed);
        counters.check(cluster);
    }

    /** Its slots had nothing, so the task committed nothing: what it reads first is not to be where the others stand. */
    @Test
    void aTaskThatBeginsWhileASlotIsOnItsWayReadsAllForIt() throws InterruptedException {
        run.stop();
        int slot = Slot.of("waits".getBytes(StandardCharsets.UTF_8));
        int from = cluster.owner(slot);
        int to = (from + 1) % 3;
        cluster.beginMove(slot, from, to);
        feed.begin().end(0).command("SET", "waits", "1");
        counters.add(100);
        run.start();
        new Pump(run, feed).put();
        run.restart();
        counters.add(100);
        Pump pump = new Pump(run, feed);
        pump.put();
        cluster.migrateKeys(slot, from, to);
        cluster.settle(slot, to);
        pump.all();
        assertThat(get("waits")).isEqualTo("1");
        counters.check(cluster);
    }

    /** A new snapshot is read again for a slot that waited: what the node's other slots have had since stays. */
    @Test
    void aSnapshotThatIsReadAgainTakesNothingFromSlotsThatAreAhead() throws InterruptedException {
        int slot = Slot.of("waits".getBytes(StandardCharsets.UTF_8));
        int from = cluster.owner(slot);
        int to = (from + 1) % 3;
        String ahead = keyAt(to);
        feed.begin().end(0).command("SET", "waits", "1").command("SET", "vanished{waits}", "1");
        Pump pump = new Pump(run, feed);
        pump.all();
        cluster.beginMove(slot, from, to);
        feed.begin().state("waits", "2").end(1).command("SET", ahead, "since");
        for (int i = 0; i < 100 && exists(ahead) == 0; i++) {
            pump.put();
        }
        assertThat(get(ahead)).isEqualTo("since");
        assertThat(get("waits")).as("on its way").isEqualTo("1");
        cluster.migrateKeys(slot, from, to);
        cluster.settle(slot, to);
        pump.all();
        assertThat(get("waits")).isEqualTo("2");
        assertThat(exists("vanished{waits}")).isZero();
        assertThat(get(ahead)).isEqualTo("since");
    }

    /** It is not streamed, since a script has to be there as a whole. */
    @Test
    void aCommandAboveTheLimitIsAClearStop() {
        run.stop();
        run.with("transaction.max.bytes", "2000").start();
        feed.begin().end(0).command("SET", "a", "1");
        feed.pieces(700, "APPEND", "large", "x".repeat(3_000));
        assertThatThrownBy(() -> run.deliver(feed.from(0)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("the command whose pieces begin at changes-0@3")
                .hasMessageContaining("transaction.max.bytes is 2000");
        run.stop();
        run.with("transaction.max.bytes", "10000").start();
        run.replicate(feed);
        assertThat(cluster.call("STRLEN", "large").text()).isEqualTo("3000");
        assertThat(get("a")).isEqualTo("1");
    }

    @Test
    void aFailureOfOneCommandIsNotedAndStopsTheTask() {
        feed.begin()
                .end(0)
                .command("SET", "text", "1")
                .command("RPUSH", "text", "x")
                .command("INCR", "text");
        assertThatThrownBy(() -> run.deliver(feed.from(0)))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("failed to execute RPUSH")
                .hasMessageContaining("WRONGTYPE");
        assertThatThrownBy(run::restart).hasMessageContaining("is stuck");
        assertThat(get("text")).isEqualTo("2");
    }

    @Test
    void aWriterThatWasReplacedWritesNothing() {
        feed.begin().end(0);
        counters.add(100);
        run.replicate(feed);
        RedisSinkTask former = run.abandon();
        run.start();
        counters.add(100);
        long from = feed.end() - 100;
        assertThatThrownBy(() -> {
                    for (int i = 0; i < 10; i++) {
                        try {
                            former.put(feed.from(from));
                            former.put(List.of());
                        } catch (RetriableException e) {
                            // It looks who has which slots.
                        }
                    }
                })
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("another writer owns this flow");
        former.stop();
        run.replicate(feed);
        counters.check(cluster);
    }

    @Test
    void slotsThatMoveUnderLoad() throws InterruptedException {
        feed.begin().end(0);
        Pump pump = new Pump(run, feed);
        int half = -1;
        int from = -1;
        for (int round = 0; round < 40; round++) {
            counters.add(random.nextInt(200));
            pump.put();
            switch (random.nextInt(6)) {
                case 0 -> {
                    RedisSinkTask former = run.abandon();
                    pump.start();
                    former.stop();
                }
                case 1, 2 -> {
                    for (int i = random.nextInt(20); i >= 0; i--) {
                        int slot = counters.slot();
                        if (slot != half) {
                            cluster.move(slot, random.nextInt(3));
                        }
                    }
                }
                case 3 -> {
                    if (half >= 0) {
                        int to = (from + 1) % 3;
                        cluster.migrateKeys(half, from, to);
                        cluster.settle(half, to);
                        half = -1;
                    } else {
                        half = counters.slot();
                        from = cluster.owner(half);
                        cluster.beginMove(half, from, (from + 1) % 3);
                    }
                }
                default -> {}
            }
            pump.put();
        }
        if (half >= 0) {
            cluster.migrateKeys(half, from, (from + 1) % 3);
            cluster.settle(half, (from + 1) % 3);
        }
        pump.all();
        counters.check(cluster);
    }

    @Test
    void theOtherSlotsGoOnWhileOneAfterAnotherMoves() throws InterruptedException {
        feed.begin().end(0);
        Pump pump = new Pump(run, feed);
        pump.all();
        AtomicInteger moved = new AtomicInteger();
        Thread mover = new Thread(() -> {
            try {
                for (int i = 0; i < MOVES; i++) {
                    int slot = counters.slot();
                    cluster.move(slot, (cluster.owner(slot) + 1) % 3);
                    moved.incrementAndGet();
                    Thread.sleep(10);
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
        });
        mover.start();
        int puts = 0;
        int taken = 0;
        while (mover.isAlive()) {
            counters.add(20);
            puts++;
            taken += pump.put() ? 1 : 0;
            Thread.sleep(5);
        }
        mover.join();
        assertThat(moved).hasValue(MOVES);
        assertThat(taken).as("of %d", puts).isGreaterThan(puts / 2);
        pump.all();
        counters.check(cluster);
    }

    /** Any key in a slot of that node. */
    private static String keyAt(int node) {
        return IntStream.range(0, 1_000)
                .mapToObj(i -> "key" + i)
                .filter(key -> cluster.owner(Slot.of(key.getBytes(StandardCharsets.UTF_8))) == node)
                .findFirst()
                .orElseThrow();
    }

    /** Names of the function libraries of each node. */
    private static List<Set<String>> libraries() {
        List<Set<String>> all = new ArrayList<>();
        for (int i = 0; i < cluster.size(); i++) {
            Set<String> names = new HashSet<>();
            for (Reply library : ((Reply.Array) cluster.node(i).call("FUNCTION", "LIST")).elements()) {
                names.add(((Reply.Array) library).elements().get(1).text());
            }
            all.add(names);
        }
        return all;
    }

    private static String get(String key) {
        return cluster.call("GET", key).text();
    }

    private static long exists(String key) {
        return Long.parseLong(cluster.call("EXISTS", key).text());
    }

    private static long keys() {
        long keys = 0;
        for (int i = 0; i < cluster.size(); i++) {
            keys += Long.parseLong(cluster.node(i).call("DBSIZE").text());
        }
        return keys;
    }
}
