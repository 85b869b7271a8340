package io.rediscdc.source.scan;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.command.piece.PieceReader;
import io.rediscdc.command.rebuild.RebuildLimits;
import io.rediscdc.command.rebuild.RebuildOutput;
import io.rediscdc.command.rebuild.TargetAbilities;
import io.rediscdc.command.rebuild.Unsupported;
import io.rediscdc.command.rebuild.ValueRebuild;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Flavour;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.testing.RedisServer;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;

/** Does at a server what changes say, as a sink does: states, deletions, and what a snapshot does not have goes. */
final class Replay implements AutoCloseable {

    private static final byte[] SITE = "building".getBytes(StandardCharsets.US_ASCII);

    final RedisServer server;
    final List<Change> changes = new ArrayList<>();
    int begins;
    int ends;
    int sets;
    int dels;
    int pieces;
    int typed;
    private final ChangeCodec codec = new ChangeCodec();
    private final ValueRebuild rebuild;
    private Set<ChangeKey> snapshot;
    private long keys;
    private Position last = Position.NONE;

    Replay() throws Exception {
        server = new RedisServer("--enable-debug-command", "yes");
        boolean before7 = isBefore7(server);
        rebuild = new ValueRebuild(
                TargetAbilities.of(Flavour.REDIS, before7 ? 6 : 7, before7 ? 2 : 0),
                DecodeLimits.DEFAULT,
                RebuildLimits.DEFAULT);
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
                select(change.key());
                server.call(bytes("DEL"), change.key().key());
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
        ChangeKey key = change.key().whole();
        select(key);
        Long expireAtMs = change.state().expireAtMs();
        if (change.state().value() != null) {
            elements(change, key, expireAtMs);
        } else if (change.state().piece() == null) {
            Reply reply = server.call(
                    bytes("RESTORE"),
                    key.key(),
                    bytes(expireAtMs == null ? "0" : expireAtMs.toString()),
                    change.state().dump(),
                    bytes("ABSTTL"),
                    bytes("REPLACE"));
            assertThat(reply.text()).isEqualTo("OK");
        } else {
            piece(change, key, expireAtMs);
        }
        if (change.state().isComplete()) {
            sets++;
            keys++;
            if (snapshot != null) {
                snapshot.add(key);
            }
        }
    }

    /** As the record has them. */
    private void elements(Change change, ChangeKey key, Long expireAtMs) {
        typed++;
        Change recorded = codec.change(codec.key(change.key()), codec.value(change));
        server.call(bytes("DEL"), SITE);
        rebuild.rebuild(recorded.state().type(), recorded.state().value(), SITE, new RebuildOutput() {
            @Override
            public void command(byte[][] args) {
                Reply reply = server.call(args);
                assertThat(reply.isFailure()).as("%s", reply).isFalse();
            }

            @Override
            public void unsupported(Unsupported what) {
                assertThat(what).isEqualTo(Unsupported.CONSUMER_TIMES);
            }
        });
        finish(key, expireAtMs);
    }

    private void finish(ChangeKey key, Long expireAtMs) {
        server.call(bytes("RENAME"), SITE, key.key());
        if (expireAtMs != null) {
            server.call(bytes("PEXPIREAT"), key.key(), bytes(expireAtMs.toString()));
        }
    }

    private void piece(Change change, ChangeKey key, Long expireAtMs) {
        pieces++;
        if (change.state().piece().number() == 0) {
            server.call(bytes("DEL"), SITE);
        }
        PieceReader commands = new PieceReader(change.state().piece().data());
        while (commands.next()) {
            Reply reply = server.call(known(commands.args(commands.size(), SITE)));
            assertThat(reply.isFailure()).as("%s", reply).isFalse();
        }
        if (change.state().piece().last()) {
            finish(key, expireAtMs);
        }
    }

    /** XSETID has options from 7.0 on; the sink leaves them out for older targets, too. */
    private byte[][] known(byte[]... args) {
        boolean isSetId = new String(args[0], StandardCharsets.US_ASCII).equalsIgnoreCase("XSETID");
        return isSetId && isBefore7(server) ? Arrays.copyOf(args, 3) : args;
    }

    static boolean isBefore7(RedisServer server) {
        return server.call("FUNCTION", "STATS").isFailure();
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

    private void select(ChangeKey key) {
        server.call("SELECT", Integer.toString(key.db()));
    }

    static String digest(RedisServer of) {
        return of.call("DEBUG", "DIGEST").text().toLowerCase(Locale.ROOT);
    }

    static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    @Override
    public void close() throws IOException {
        server.close();
    }
}
