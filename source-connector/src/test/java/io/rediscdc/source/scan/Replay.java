package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.source.StateTarget;
import io.rediscdc.testing.RedisServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

/** Does at a server what changes say, as a sink does: states, deletions, and what a snapshot does not have goes. */
final class Replay implements AutoCloseable {

    final RedisServer server;
    final List<Change> changes = new ArrayList<>();
    int begins;
    int ends;
    int sets;
    int dels;
    int pieces;
    int typed;
    private final StateTarget target;
    private Set<ChangeKey> snapshot;
    private long keys;
    private Position last = Position.NONE;

    Replay() throws Exception {
        server = new RedisServer("--enable-debug-command", "yes");
        target = new StateTarget(server);
    }

    /** Reads and applies what there is; true if there was something. */
    boolean from(ScanCapture capture) {
        List<Change> read = new ArrayList<>();
        capture.read(read, 500, 50, System.nanoTime());
        // A capture keeps it for its caller, who would come again for ever.
        if (Thread.interrupted()) {
            throw new IllegalStateException("interrupted: the time of the test is over");
        }
        read.forEach(this::apply);
        changes.addAll(read);
        return !read.isEmpty();
    }

    private void apply(Change change) {
        assertThat(change.stamp().prev()).isEqualTo(last);
        assertThat(change.stamp().position()).isGreaterThan(last);
        last = change.stamp().position();
        switch (change.op()) {
            case SET -> set(change);
            case DEL -> {
                dels++;
                target.del(change.key());
            }
            case SNAPSHOT_BEGIN -> {
                begins++;
                snapshot = new HashSet<>();
                keys = 0;
            }
            case SNAPSHOT_END -> end(change);
            default -> assertThat(change.op()).isIn(Op.FUNCTION, Op.HEARTBEAT);
        }
    }

    private void set(Change change) {
        target.set(change);
        if (change.state().value() != null) {
            typed++;
        } else if (change.state().piece() != null) {
            pieces++;
        }
        if (change.state().isComplete()) {
            sets++;
            keys++;
            if (snapshot != null) {
                snapshot.add(change.key().whole());
            }
        }
    }

    private void end(Change change) {
        ends++;
        if (change.snapshot().counts() != null) {
            assertThat(change.snapshot().counts()).containsExactly(keys);
        }
        for (int db = 0; db < 16; db++) {
            server.call("SELECT", Integer.toString(db));
            for (Reply key : ((Reply.Array) server.call("KEYS", "*")).elements()) {
                byte[] name = ((Reply.Bulk) key).bytes();
                if (!snapshot.contains(new ChangeKey(db, name))) {
                    server.call(bytes("DEL"), name);
                }
            }
        }
        snapshot = null;
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
