package io.rediscdc.fuzz;

import io.rediscdc.command.rebuild.RebuildLimits;
import io.rediscdc.command.rebuild.RebuildOutput;
import io.rediscdc.command.rebuild.TargetAbilities;
import io.rediscdc.command.rebuild.Unsupported;
import io.rediscdc.command.rebuild.ValueRebuild;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.ChoppedInput;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.RdbType;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.rdb.value.DumpDecoder;
import io.rediscdc.format.rdb.value.ValueDecoder;
import io.rediscdc.model.Flavour;
import java.io.IOException;
import java.util.Arrays;

/**
 * DUMP payloads: the first byte says the flavour and what target they are rebuilt for, the rest is the payload. Its checksum is
 * not looked at. Whole or piece by piece, the value is the same.
 */
public final class DumpFuzz {

    private static final DecodeLimits LIMITS = new DecodeLimits(1 << 20, 1 << 20, 1 << 20, "the limit");
    private static final DecodeLimits SMALL_PIECES = new DecodeLimits(1 << 20, 100, 1 << 20, "the limit");
    private static final RebuildLimits REBUILD_LIMITS = new RebuildLimits(200, 5);
    private static final TargetAbilities[] TARGETS = {
        TargetAbilities.of(Flavour.REDIS, 2, 8),
        TargetAbilities.of(Flavour.REDIS, 5, 0),
        TargetAbilities.of(Flavour.REDIS, 7, 0),
        TargetAbilities.of(Flavour.VALKEY, 9, 0)
    };

    private DumpFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        if (data.length == 0) {
            return;
        }
        Flavour flavour = (data[0] & 1) == 0 ? Flavour.REDIS : Flavour.VALKEY;
        TargetAbilities target = TARGETS[data[0] >> 1 & 3];
        byte[] payload = Arrays.copyOfRange(data, 1, data.length);
        try {
            DumpPayload.isIntact(payload);
            if (DumpPayload.isPlainString(payload)) {
                DumpPayload.string(payload);
            }
            Fingerprint whole = new Fingerprint();
            RdbType type = DumpDecoder.decode(payload, flavour, LIMITS, whole);
            checkPieces(payload, flavour, type, whole.value());
            new ValueRebuild(target, LIMITS, REBUILD_LIMITS)
                    .rebuild(payload, flavour, new byte[] {'k'}, new CheckedOutput());
        } catch (RedisCdcException e) {
            Outcome.check(e);
        }
    }

    private static void checkPieces(byte[] payload, Flavour flavour, RdbType type, long expected) throws IOException {
        int start = DumpPayload.valueOffset(payload, flavour);
        byte[] value = Arrays.copyOfRange(payload, start, payload.length - DumpPayload.FOOTER_LENGTH);
        ChoppedInput in = new ChoppedInput(value, () -> 61);
        Fingerprint pieces = new Fingerprint();
        new ValueDecoder(in, SMALL_PIECES).decode(type, pieces);
        if (pieces.value() != expected || in.position() != value.length) {
            throw new AssertionError("type " + type + " is another value when it comes in pieces");
        }
    }

    /** Commands are within the limits. */
    private static final class CheckedOutput implements RebuildOutput {

        /** Of XCLAIM: five words, ids, six words. */
        private static final int MOST_WORDS = 11;

        @Override
        public void command(byte[][] args) {
            boolean isEntry = args[0].length == 4 && args[0][0] == 'X' && args[0][1] == 'A';
            if (!isEntry && args.length > MOST_WORDS + 2 * REBUILD_LIMITS.commandElements()) {
                throw new AssertionError(args.length + " arguments");
            }
            for (byte[] arg : args) {
                if (arg == null) {
                    throw new AssertionError("a command without one of its arguments");
                }
            }
        }

        @Override
        public void unsupported(Unsupported what) {
            if (what.text().isEmpty()) {
                throw new AssertionError("nameless");
            }
        }
    }
}
