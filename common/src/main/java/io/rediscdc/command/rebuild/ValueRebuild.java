package io.rediscdc.command.rebuild;

import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.rdb.value.DumpDecoder;
import io.rediscdc.format.rdb.value.VisitableValue;
import io.rediscdc.model.Flavour;

/**
 * Turns a value, or a DUMP payload, into the commands that write it to a key which does not exist. Streams are read twice,
 * groups first, so that nothing of them is lost.
 */
public final class ValueRebuild {

    private final TargetAbilities target;
    private final DecodeLimits decodeLimits;
    private final RebuildLimits limits;
    private final StreamIds ids;

    /** One that writes all there is. */
    public ValueRebuild(TargetAbilities target, DecodeLimits decodeLimits, RebuildLimits limits) {
        this(target, decodeLimits, limits, StreamIds.KEEP);
    }

    public ValueRebuild(TargetAbilities target, DecodeLimits decodeLimits, RebuildLimits limits, StreamIds ids) {
        this.target = target;
        this.decodeLimits = decodeLimits;
        this.limits = limits;
        this.ids = ids;
    }

    /**
     * Writes the commands.
     *
     * @throws io.rediscdc.error.RedisCdcException PROTOCOL or UNSUPPORTED, as {@link DumpDecoder}; commands may have been
     *     given out before
     */
    public void rebuild(byte[] payload, Flavour flavour, byte[] key, RebuildOutput to) {
        String type = DumpPayload.type(payload, flavour).typeName();
        rebuild(type, visitor -> DumpDecoder.decode(payload, flavour, decodeLimits, visitor), key, to);
    }

    /**
     * Writes the commands for a value of that type.
     *
     * @throws io.rediscdc.error.RedisCdcException as the value does; commands may have been given out before
     */
    public void rebuild(String type, VisitableValue value, byte[] key, RebuildOutput to) {
        if (ids == StreamIds.DROP && type.equals("stream")) {
            write(value, new ValueWriter(key, target, limits, to, StreamWriter.Part.NEW_IDS));
        } else if (target.claimNeedsEntry() && type.equals("stream")) {
            ValueWriter groups = new ValueWriter(key, target, limits, to, StreamWriter.Part.GROUPS);
            write(value, groups);
            write(
                    value,
                    new ValueWriter(
                            key,
                            target,
                            limits,
                            to,
                            groups.hasGroups() ? StreamWriter.Part.BEHIND_GROUPS : StreamWriter.Part.ENTRIES));
        } else {
            write(value, new ValueWriter(key, target, limits, to));
        }
    }

    private static void write(VisitableValue value, ValueWriter writer) {
        value.visit(writer);
        writer.finish();
    }
}
