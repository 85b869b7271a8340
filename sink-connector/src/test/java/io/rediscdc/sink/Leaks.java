package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.time.Duration;
import java.util.HashSet;
import java.util.Set;

/** Finds threads that were not there before and stay. */
final class Leaks {

    /** Netty's own, one a process; it ends when it has had nothing to do for a second. */
    private static final String GLOBAL_EXECUTOR = "globalEventExecutor";

    private final Set<Thread> before;

    private Leaks(Set<Thread> before) {
        this.before = before;
    }

    static Leaks since() {
        return new Leaks(Thread.getAllStackTraces().keySet());
    }

    void assertNone() {
        await().pollInSameThread().atMost(Duration.ofSeconds(5)).untilAsserted(() -> {
            Set<Thread> left = new HashSet<>(Thread.getAllStackTraces().keySet());
            left.removeAll(before);
            left.removeIf(thread -> thread.getName().startsWith(GLOBAL_EXECUTOR));
            assertThat(left).isEmpty();
        });
    }
}
