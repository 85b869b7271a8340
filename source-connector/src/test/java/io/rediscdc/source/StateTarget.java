package io.rediscdc.source;

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
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.testing.RedisServer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Locale;

/**
 * What states of keys do at a server, as a sink has them done: a dump is restored, elements and pieces are built beside and take the
 * key's place when they are whole.
 */
public final class StateTarget {

    private static final byte[] SITE = bytes("building");

    /** For values that come in one record: it may be one between the pieces of another key. */
    private static final byte[] WHOLE_SITE = bytes("whole");

    private final RedisServer server;
    private final boolean before7;
    private final ChangeCodec codec = new ChangeCodec();
    private final ValueRebuild rebuild;

    public StateTarget(RedisServer server) {
        this.server = server;
        this.before7 = isBefore7(server);
        this.rebuild = new ValueRebuild(
                TargetAbilities.of(Flavour.REDIS, before7 ? 6 : 7, before7 ? 2 : 0),
                DecodeLimits.DEFAULT,
                RebuildLimits.DEFAULT);
    }

    public static boolean isBefore7(RedisServer server) {
        return server.call("FUNCTION", "STATS").isFailure();
    }

    /** What all keys of a server are, as a text that is the same if they are (needs {@code enable-debug-command}). */
    public static String digest(RedisServer of) {
        return of.call("DEBUG", "DIGEST").text().toLowerCase(Locale.ROOT);
    }

    /** Of a change with a state, or a piece of one. */
    public void set(Change change) {
        ChangeKey key = change.key().whole();
        select(key);
        Long expireAtMs = change.state().expireAtMs();
        if (change.state().value() != null) {
            elements(change, key, expireAtMs);
        } else if (change.state().piece() != null) {
            piece(change, key, expireAtMs);
        } else {
            Reply reply = server.call(
                    bytes("RESTORE"),
                    key.key(),
                    bytes(expireAtMs == null ? "0" : expireAtMs.toString()),
                    change.state().dump(),
                    bytes("ABSTTL"),
                    bytes("REPLACE"));
            assertThat(reply.text()).isEqualTo("OK");
        }
    }

    public void del(ChangeKey key) {
        select(key);
        server.call(bytes("DEL"), key.key());
    }

    /** As the record has them. */
    private void elements(Change change, ChangeKey key, Long expireAtMs) {
        Change recorded = codec.change(codec.key(change.key()), codec.value(change));
        server.call(bytes("DEL"), WHOLE_SITE);
        rebuild.rebuild(recorded.state().type(), recorded.state().value(), WHOLE_SITE, new RebuildOutput() {
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
        finish(WHOLE_SITE, key, expireAtMs);
    }

    private void piece(Change change, ChangeKey key, Long expireAtMs) {
        if (change.state().piece().number() == 0) {
            server.call(bytes("DEL"), SITE);
        }
        PieceReader commands = new PieceReader(change.state().piece().data());
        while (commands.next()) {
            Reply reply = server.call(known(commands.args(commands.size(), SITE)));
            assertThat(reply.isFailure()).as("%s", reply).isFalse();
        }
        if (change.state().piece().last()) {
            finish(SITE, key, expireAtMs);
        }
    }

    private void finish(byte[] site, ChangeKey key, Long expireAtMs) {
        server.call(bytes("RENAME"), site, key.key());
        if (expireAtMs != null) {
            server.call(bytes("PEXPIREAT"), key.key(), bytes(expireAtMs.toString()));
        }
    }

    /** XSETID has options from 7.0 on; the sink leaves them out for older targets, too. */
    private byte[][] known(byte[]... args) {
        boolean isSetId = new String(args[0], StandardCharsets.US_ASCII).equalsIgnoreCase("XSETID");
        return isSetId && before7 ? Arrays.copyOf(args, 3) : args;
    }

    private void select(ChangeKey key) {
        server.call("SELECT", Integer.toString(key.db()));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
