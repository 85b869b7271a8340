package io.rediscdc.source.replica;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.source.StateTarget;
import io.rediscdc.source.capture.StateRequests;
import io.rediscdc.testing.RedisServer;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/** A server whose stream is told in states, and one where they are done. */
abstract class StateBed {

    static final int MAX_RECORD = 20_000;
    static final StateOptions PLAIN = new StateOptions(2, 100_000, false);
    static final StateOptions COMPACTED = new StateOptions(2, 100_000, true);

    RedisServer source;
    private RedisServer target;
    private StateTarget stateTarget;
    ReplicaCapture capture;

    /** What has been applied, as a sink's checkpoint has it. */
    private Position applied = Position.NONE;

    final List<Change> changes = new ArrayList<>();
    private boolean hasSnapshot;

    @BeforeEach
    void start() throws Exception {
        source = new RedisServer("--enable-debug-command", "yes", "--repl-backlog-size", "64mb");
        target = new RedisServer("--enable-debug-command", "yes");
        stateTarget = new StateTarget(target);
    }

    @AfterEach
    void stop() throws Exception {
        if (capture != null) {
            capture.close();
        }
        source.close();
        target.close();
    }

    void awaitEqual() {
        long deadline = System.nanoTime() + 40_000_000_000L;
        do {
            replay(5);
            assertThat(System.nanoTime()).as("deadline").isLessThan(deadline);
        } while (!hasSnapshot || !StateTarget.digest(source).equals(StateTarget.digest(target)));
    }

    void replay(int times) {
        for (int i = 0; i < times; i++) {
            List<Change> read = new ArrayList<>();
            capture.read(read, 500, 5, System.nanoTime());
            read.forEach(this::apply);
        }
    }

    /** Does at the target what a sink does. */
    private void apply(Change change) {
        if (change.stamp().position().compareTo(applied) <= 0) {
            return;
        }
        assertThat(change.stamp().prev()).isLessThanOrEqualTo(applied);
        applied = change.stamp().position();
        changes.add(change);
        hasSnapshot |= change.op() == Op.SNAPSHOT_END;
        switch (change.op()) {
            case SET -> stateTarget.set(change);
            case DEL -> stateTarget.del(change.key());
            case FLUSH, SWAPDB -> {
                target.call("SELECT", Integer.toString(change.key().db()));
                target.call(change.command().args());
            }
            case SNAPSHOT_BEGIN -> target.call("FLUSHALL");
            default -> assertThat(change.op()).isIn(Op.FUNCTION, Op.PUBLISH, Op.SNAPSHOT_END);
        }
    }

    ReplicaCapture capture(StateOptions states, ResumePoint from) {
        return new ReplicaCapture(options(null, null, states), from, StateRequests.NONE);
    }

    ReplicaOptions options(String username, String password, StateOptions states) {
        return new ReplicaOptions(
                        List.of(RedisAddress.parse(source.address())),
                        ReadFrom.MASTER,
                        username,
                        password,
                        "0",
                        false,
                        MAX_RECORD,
                        0,
                        20_000,
                        AckMode.NONE,
                        link())
                .inStates(states);
    }

    private static LinkOptions link() {
        return new LinkOptions(2_000, 2_000, 60_000, SpoolOptions.memory(16 << 20));
    }
}
