package io.rediscdc.command.rebuild;

import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.rdb.value.DumpDecoder;
import io.rediscdc.model.Flavour;

/**
 * Turns a DUMP payload into the commands that write its value to a key which does not exist. Streams are read twice,
 * groups first, so that nothing of them is lost.
 */
public final class ValueRebuild {

    private final TargetAbilities target;
    private final DecodeLimits decodeLimits;
    private final RebuildLimits limits;

    public ValueRebuild(TargetAbilities target, DecodeLimits decodeLimits, RebuildLimits limits) {
        this.target = target;
        this.decodeLimits = decodeLimits;
        this.limits = limits;
    }

    /**
     * Writes the commands.
     *
     * @throws io.rediscdc.error.RedisCdcException PROTOCOL or UNSUPPORTED, as {@link DumpDecoder}; commands may have been
     *     given out before
     */
    public void rebuild(byte[] payload, Flavour flavour, byte[] key, RebuildOutput to) {
        boolean twice = target.claimNeedsEntry()
                && DumpPayload.type(payload, flavour).typeName().equals("stream");
        if (twice) {
            ValueWriter groups = new ValueWriter(key, target, limits, to, StreamWriter.Part.GROUPS);
            write(payload, flavour, groups);
            write(
                    payload,
                    flavour,
                    new ValueWriter(
                            key,
                            target,
                            limits,
                            to,
                            groups.hasGroups() ? StreamWriter.Part.BEHIND_GROUPS : StreamWriter.Part.ENTRIES));
        } else {
            write(payload, flavour, new ValueWriter(key, target, limits, to));
        }
    }

    private void write(byte[] payload, Flavour flavour, ValueWriter writer) {
        DumpDecoder.decode(payload, flavour, decodeLimits, writer);
        writer.finish();
    }
}
