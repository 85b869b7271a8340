package io.rediscdc.sentinel;

import static io.rediscdc.sentinel.FakeSentinel.array;
import static io.rediscdc.sentinel.FakeSentinel.master;
import static io.rediscdc.sentinel.FakeSentinel.replica;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.error.SentinelException;
import io.rediscdc.error.SentinelException.Fault;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(60)
class SentinelsTest {

    private static final RedisAddress OLD = new RedisAddress("r", 1);
    private static final RedisAddress NEW = new RedisAddress("r", 2);

    private FakeSentinel first;
    private FakeSentinel second;
    private Sentinels sentinels;

    @BeforeEach
    void start() throws IOException {
        first = new FakeSentinel();
        second = new FakeSentinel();
        sentinels = sentinels(null, null);
    }

    @AfterEach
    void stop() throws IOException {
        sentinels.close();
        first.close();
        second.close();
    }

    @Test
    void namesTheMasterAndItsReplicasThoseThatAreDownLast() {
        first.names(1, 5, replica(3, "slave,s_down,disconnected"), replica(2, "slave"));
        second.names(1, 5);
        SentinelView view =
                new Sentinels(new SentinelOptions("shop", List.of(first.address()), null, null, 2000)).ask();
        assertThat(view.master()).isEqualTo(OLD);
        assertThat(view.replicas()).containsExactly(NEW);
        assertThat(view.nodes()).containsExactly(OLD, NEW, new RedisAddress("r", 3));
    }

    @Test
    void believesTheHighestEpoch() {
        first.names(1, 5);
        second.names(2, 6);
        assertThat(sentinels.ask().master()).isEqualTo(NEW);
    }

    @Test
    void believesTheLeaderThatHasPromotedAndNotSwitchedYet() {
        first.names(1, 5);
        second.names(2, 5).answer("SENTINEL MASTER", master(1, 5));
        assertThat(sentinels.ask().master()).isEqualTo(NEW);
    }

    @Test
    void aReplicaOfTheListThatIsTheMasterNowIsNamedOnce() {
        first.names(2, 5, replica(2, "slave"), replica(1, "slave"));
        second.names(2, 5, replica(2, "slave"), replica(1, "slave"));
        assertThat(sentinels.ask().nodes()).containsExactly(NEW, OLD);
    }

    @Test
    void olderSentinelsCallThemSlaves() {
        first.names(1, 5)
                .answer("SENTINEL REPLICAS", "-ERR Unknown sentinel subcommand 'REPLICAS'\r\n")
                .answer("SENTINEL SLAVES", "*1\r\n" + array(replica(2, "slave").toArray(String[]::new)));
        second.names(1, 4);
        assertThat(sentinels.ask().replicas()).containsExactly(NEW);
    }

    @Test
    void oneThatAnswersIsEnough() throws IOException {
        first.close();
        second.names(1, 5);
        assertThat(sentinels.ask().saidBy()).isEqualTo(second.address());
        second.close();
        SentinelException failure = failure();
        assertThat(failure.category()).isEqualTo(Category.CONNECTION);
        assertThat(failure.fault()).isEqualTo(Fault.NODES);
        assertThat(failure)
                .hasMessageContaining("'shop'")
                .hasMessageContaining(first.address().toString())
                .hasMessageContaining(second.address().toString())
                .hasMessageContaining("redis.sentinel.nodes");
    }

    @Test
    void theSilentOneIsNotWaitedForForLong() {
        first.names(1, 5);
        second.answer("SENTINEL GET-MASTER-ADDR-BY-NAME", "");
        Sentinels patient = new Sentinels(
                new SentinelOptions("shop", List.of(second.address(), first.address()), null, null, 20_000));
        long start = System.nanoTime();
        assertThat(patient.ask().master()).isEqualTo(OLD);
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(5));
    }

    @Test
    void aNameThatNobodyKnowsIsTheConfigurationsFaultUnlessItWasKnown() {
        for (FakeSentinel each : List.of(first, second)) {
            each.answer("SENTINEL GET-MASTER-ADDR-BY-NAME", "*-1\r\n")
                    .answer("SENTINEL MASTERS", "*1\r\n" + array("name", "stock"));
        }
        SentinelException failure = failure();
        assertThat(failure.category()).isEqualTo(Category.CONFIG);
        assertThat(failure.fault()).isEqualTo(Fault.MASTER);
        assertThat(failure).hasMessageContaining("only stock").hasMessageContaining("check redis.sentinel.master");

        second.names(1, 5);
        sentinels.ask();
        second.answer("SENTINEL GET-MASTER-ADDR-BY-NAME", "*-1\r\n");
        assertThat(failure().category()).isEqualTo(Category.CONNECTION);
    }

    @Test
    void aNameThatIsNotKnownByThoseThatAnswerMayBeKnownByTheOthers() throws IOException {
        first.answer("SENTINEL GET-MASTER-ADDR-BY-NAME", "*-1\r\n").answer("SENTINEL MASTERS", "*0\r\n");
        second.close();
        assertThat(failure().category()).isEqualTo(Category.CONNECTION);
        assertThat(failure().fault()).isEqualTo(Fault.MASTER);
    }

    @Test
    void aServerIsNoSentinel() {
        SentinelException failure = failure();
        assertThat(failure.category()).isEqualTo(Category.CONFIG);
        assertThat(failure.fault()).isEqualTo(Fault.NODES);
        assertThat(failure).hasMessageContaining("is no sentinel");
    }

    @Test
    void logsInWhereItHasAPassword() {
        first.answer("AUTH", "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
        second.answer("AUTH", "-WRONGPASS invalid username-password pair or user is disabled.\r\n");
        sentinels = sentinels("cdc", "s3cret");
        SentinelException failure = failure();
        assertThat(failure.fault()).isEqualTo(Fault.LOGIN);
        assertThat(failure).hasMessageContaining("redis.sentinel.password").hasMessageNotContaining("s3cret");
        first.answer("AUTH", "+OK\r\n").names(1, 5);
        assertThat(sentinels.ask().master()).isEqualTo(OLD);
        assertThat(first.asked).contains("AUTH");
    }

    @Test
    void aWatchNoticesAFailoverAndDoesNotBelieveWhoIsBehind() {
        first.names(1, 5);
        second.names(1, 5);
        sentinels.ask();
        assertThat(sentinels.isDeposed(OLD)).isFalse();
        try (MasterWatch watch = new MasterWatch(sentinels, "shop")) {
            second.names(2, 6);
            await().atMost(Duration.ofSeconds(10)).until(() -> sentinels.isDeposed(OLD));
            assertThat(sentinels.changes()).isEqualTo(1);
            assertThat(watch).isNotNull();
        }
        second.names(1, 4);
        sentinels.refresh();
        assertThat(sentinels.isDeposed(OLD)).isTrue();
        assertThat(sentinels.isDeposed(NEW)).isFalse();
        // Who needs a connection takes what there is: the sentinels may be new ones.
        assertThat(sentinels.ask().master()).isEqualTo(OLD);
        assertThat(sentinels.isDeposed(OLD)).isFalse();
    }

    @Test
    void aCloseEndsTheAsking() throws InterruptedException {
        first.answer("SENTINEL GET-MASTER-ADDR-BY-NAME", "");
        second.answer("SENTINEL GET-MASTER-ADDR-BY-NAME", "");
        sentinels = new Sentinels(
                new SentinelOptions("shop", List.of(first.address(), second.address()), null, null, 30_000));
        Thread asking = new Thread(this::failure);
        asking.start();
        await().until(() -> !first.asked.isEmpty());
        sentinels.close();
        asking.join(5_000);
        assertThat(asking.isAlive()).isFalse();
        assertThat(failure()).hasMessageContaining("closed");
    }

    private SentinelException failure() {
        return catchThrowableOfType(SentinelException.class, sentinels::ask);
    }

    private Sentinels sentinels(String username, String password) {
        return new Sentinels(
                new SentinelOptions("shop", List.of(first.address(), second.address()), username, password, 2000));
    }
}
