package io.rediscdc.sink.state;

import io.rediscdc.command.rebuild.RebuildLimits;
import io.rediscdc.command.rebuild.RebuildOutput;
import io.rediscdc.command.rebuild.StreamIds;
import io.rediscdc.command.rebuild.Unsupported;
import io.rediscdc.command.rebuild.ValueRebuild;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.model.State;
import io.rediscdc.sink.target.CommandBuffer;
import io.rediscdc.sink.target.RestoreSupport;
import io.rediscdc.sink.target.TargetFacts;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Writes the whole state of a key: short strings by SET, the rest by RESTORE or by the commands of its type, as the target
 * can take it ({@link WriteMode}). Whatever the key held is replaced, or else added to ({@link MergePolicy}). Not thread-safe.
 */
public final class StateWriter {

    /** Longer strings are cheaper as they came than decoded and sent as text. */
    private static final int MAX_PLAIN_STRING = 4 * 1024;

    private static final byte[] SET = ascii("SET");
    private static final byte[] PXAT = ascii("PXAT");
    private static final byte[] PEXPIREAT = ascii("PEXPIREAT");
    private static final byte[] RESTORE = ascii("RESTORE");
    private static final byte[] REPLACE = ascii("REPLACE");
    private static final byte[] ABSTTL = ascii("ABSTTL");
    private static final byte[] IDLETIME = ascii("IDLETIME");
    private static final byte[] FREQ = ascii("FREQ");

    private final WriteMode mode;
    private final MergePolicy merge;
    private final StreamIds ids;
    private final Consumer<String> omitted;

    private TargetFacts target;
    private RestoreSupport restore;
    private ValueRebuild rebuild;
    private boolean joinsSets;

    /**
     * @param omitted gets what the target cannot hold, by name, while it is left out of what is written; may throw, which
     *     ends the writing
     */
    public StateWriter(WriteMode mode, MergePolicy merge, StreamIds ids, Consumer<String> omitted) {
        this.mode = mode;
        this.merge = merge;
        this.ids = ids;
        this.omitted = omitted;
    }

    /**
     * What follows is for this target.
     *
     * @param joins whether SETs may become one MSET
     * @throws RedisCdcException CONFIG if states cannot be written there as they have to be
     */
    public void target(TargetFacts newTarget, RestoreSupport newRestore, boolean joins) {
        if (mode == WriteMode.DUMP && newRestore.refusal() != null) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    newTarget.address() + " does not let us RESTORE (" + newRestore.refusal()
                            + "); permit it, or set write.mode=auto");
        }
        target = newTarget;
        restore = newRestore;
        joinsSets = joins;
        rebuild = new ValueRebuild(newTarget.abilities(), DecodeLimits.DEFAULT, RebuildLimits.DEFAULT, ids);
    }

    /**
     * Adds the commands.
     *
     * @param expireAtMs when the key expires at the target, ms since 1970; null for never
     * @throws RedisCdcException PROTOCOL if the dump or the value is damaged, UNSUPPORTED if nobody knows its type, CONFIG
     *     if it has no dump and is to be written by nothing else; commands may have been added
     */
    public void write(byte[] key, State state, Long expireAtMs, CommandBuffer out) {
        if (state.value() != null) {
            writeElements(key, state, expireAtMs, out);
            return;
        }
        byte[] dump = state.dump();
        boolean tracksAccess = state.idle() != null || state.freq() != null;
        if ((mode == WriteMode.TYPED || (!tracksAccess && dump.length <= MAX_PLAIN_STRING))
                && DumpPayload.isPlainString(dump)) {
            set(key, DumpPayload.string(dump), expireAtMs, out);
            return;
        }
        if (merge == MergePolicy.MERGE
                && merge.addsTo(DumpPayload.type(dump, state.flavour()).typeName())) {
            rebuild(key, state, expireAtMs, out);
            return;
        }
        String type = DumpPayload.type(dump, state.flavour()).typeName();
        boolean isModule = type.equals("module");
        boolean isTyped = (mode == WriteMode.TYPED && !isModule) || (ids == StreamIds.DROP && type.equals("stream"));
        byte[] payload = isTyped ? null : restore.payload(dump, state.flavour());
        if (payload == null || isModule) {
            // Also where a module that the target lacks may make it refuse the RESTORE, which is then left out.
            out.command(2).arg(target.removal()).arg(key);
        }
        if (payload != null) {
            restore(key, payload, state, expireAtMs, out);
        } else if (mode == WriteMode.DUMP || isModule) {
            omitted.accept(name(dump, state) + ", as the target has " + restore);
        } else {
            rebuild(key, state, expireAtMs, out);
        }
    }

    /** Of a record that has no dump. */
    private void writeElements(byte[] key, State state, Long expireAtMs, CommandBuffer out) {
        if (state.type().equals("string")) {
            // It comes in one piece, for which there is one command: SET.
            rebuild.rebuild(state.type(), state.value(), key, output(args -> set(key, args[2], expireAtMs, out)));
            return;
        }
        if (mode == WriteMode.DUMP) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    "it has the elements of a " + state.type() + " and no dump to RESTORE; set write.mode=auto here, or"
                            + " value.format=dump at the source, which then has to make a new snapshot");
        }
        if (!merge.addsTo(state.type())) {
            out.command(2).arg(target.removal()).arg(key);
        }
        rebuild.rebuild(state.type(), state.value(), key, output(out::command));
        expire(key, expireAtMs, out);
    }

    private void set(byte[] key, byte[] value, Long expireAtMs, CommandBuffer out) {
        if (expireAtMs == null && joinsSets) {
            out.set(key, value);
        } else if (expireAtMs == null) {
            out.command(3).arg(SET).arg(key).arg(value);
        } else if (target.hasSetPxat()) {
            out.command(5).arg(SET).arg(key).arg(value).arg(PXAT).arg(expireAtMs);
        } else {
            out.command(3).arg(SET).arg(key).arg(value);
            expire(key, expireAtMs, out);
        }
    }

    private void restore(byte[] key, byte[] payload, State state, Long expireAtMs, CommandBuffer out) {
        if (!target.hasAbsoluteRestore()) {
            out.command(2).arg(target.removal()).arg(key);
            out.command(4).arg(RESTORE).arg(key).arg(0).arg(payload);
            expire(key, expireAtMs, out);
            return;
        }
        boolean tracksAccess = state.idle() != null || state.freq() != null;
        out.command(tracksAccess ? 8 : 6).arg(RESTORE).arg(key);
        out.arg(expireAtMs == null ? 0 : expireAtMs);
        out.arg(payload).arg(REPLACE).arg(ABSTTL);
        if (state.idle() != null) {
            out.arg(IDLETIME).arg(state.idle());
        } else if (state.freq() != null) {
            out.arg(FREQ).arg(state.freq());
        }
    }

    private void rebuild(byte[] key, State state, Long expireAtMs, CommandBuffer out) {
        rebuild.rebuild(state.dump(), state.flavour(), key, output(out::command));
        expire(key, expireAtMs, out);
    }

    private RebuildOutput output(Consumer<byte[][]> commands) {
        return new RebuildOutput() {
            @Override
            public void command(byte[][] args) {
                commands.accept(args);
            }

            @Override
            public void unsupported(Unsupported what) {
                if (!what.isBookkeeping()) {
                    omitted.accept(what.text());
                }
            }
        };
    }

    private static void expire(byte[] key, Long expireAtMs, CommandBuffer out) {
        if (expireAtMs != null) {
            out.command(3).arg(PEXPIREAT).arg(key).arg(expireAtMs);
        }
    }

    private static String name(byte[] dump, State state) {
        return "dump of " + DumpPayload.type(dump, state.flavour()) + ", RDB version " + DumpPayload.rdbVersion(dump)
                + " of " + state.flavour().text();
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
