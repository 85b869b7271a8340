package io.rediscdc.sink.target;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.RdbType;
import io.rediscdc.model.Flavour;
import io.rediscdc.sink.target.BatchReplies.ErrorReply;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.Locale;
import java.util.Set;

/**
 * Which payloads a target's RESTORE takes. It is asked once per connection, by RESTOREs that cannot succeed and write
 * nothing: a server looks at the RDB version in the footer first and at the type only then (verifyDumpPayload in
 * src/cluster.c), and there has never been a type 8. So {@code Bad data format} says that it reads that version.
 */
public final class RestoreSupport {

    /** Whose payloads there are: 6 is that of Redis 2.8, 80 that of Valkey 9. */
    private static final int[] VERSIONS = {6, 7, 8, 9, 10, 11, 12, 13, 80};

    private static final Set<String> NAMES = Set.of("RESTORE", "RESTORE-ASKING");

    private static final byte[] NO_VALUE = {8, 0};

    private final Flavour flavour;
    private final BitSet versions;
    private final boolean modules;
    private final String refusal;

    /**
     * @param versions RDB versions that it reads
     * @param modules whether values of modules may be sent ({@link TargetFacts#survivesModules})
     * @param refusal its words where it knows no RESTORE or does not permit it, else null
     */
    public RestoreSupport(Flavour flavour, BitSet versions, boolean modules, String refusal) {
        this.flavour = flavour;
        this.versions = (BitSet) versions.clone();
        this.modules = modules;
        this.refusal = refusal;
    }

    /**
     * Asks the target.
     *
     * @param key one that does not exist and that the user may write; it stays away
     * @param known what it said last, which stands where nothing can be written at present; null if it was never asked
     * @throws RedisCdcException CONNECTION if it does not say
     */
    public static RestoreSupport ask(TargetConnection connection, byte[] key, RestoreSupport known) {
        CommandBuffer attempts = new CommandBuffer();
        for (int version : VERSIONS) {
            byte[] payload = new byte[NO_VALUE.length + DumpPayload.FOOTER_LENGTH];
            System.arraycopy(NO_VALUE, 0, payload, 0, NO_VALUE.length);
            attempts.command(4).arg("RESTORE").arg(key).arg(0).arg(DumpPayload.withVersion(payload, version));
        }
        BitSet read = new BitSet();
        String refusal = null;
        for (ErrorReply error : connection.ask(attempts).errors()) {
            String text = error.text();
            if (TargetError.isPassing(text)) {
                if (known != null) {
                    return known;
                }
                throw new ReplyException(connection.address(), text);
            }
            if (text.startsWith("ERR Bad data format")) {
                read.set(VERSIONS[error.reply()]);
            } else if (!text.startsWith("ERR DUMP payload version")) {
                refusal = TargetError.brief(text);
            }
        }
        return new RestoreSupport(
                connection.facts().flavour(), read, connection.facts().survivesModules(), refusal);
    }

    /** What the target says to any RESTORE, null where it takes some. */
    public String refusal() {
        return refusal;
    }

    /**
     * What to send for a payload: itself, or one that states an older RDB version, whose servers read this type as well.
     * Null if the target does not take it.
     *
     * @param from whose dialect it is in
     * @throws RedisCdcException UNSUPPORTED if nobody knows its type, PROTOCOL if it is damaged
     */
    public byte[] payload(byte[] payload, Flavour from) {
        RdbType type = DumpPayload.type(payload, from);
        if (!type.isIn(flavour) || !versions.get(type.minimumVersion()) || (!modules && isModule(type.number()))) {
            return null;
        }
        int stated = DumpPayload.rdbVersion(payload);
        if (DumpPayload.hasKeyMeta(payload, from)) {
            return flavour == from && versions.get(stated) ? payload : null;
        }
        return versions.get(stated) && DumpPayload.hasChecksum(payload)
                ? payload
                : DumpPayload.withVersion(payload, type.minimumVersion());
    }

    /** Whether it is a RESTORE over which the target would end itself. */
    public boolean isFatal(byte[][] args) {
        return !modules
                && args.length > 3
                && args[3].length > 0
                && isModule(args[3][0])
                && NAMES.contains(new String(args[0], StandardCharsets.ISO_8859_1).toUpperCase(Locale.ROOT));
    }

    private static boolean isModule(int type) {
        return type == RdbType.MODULE_2.number() || type == RdbType.MODULE_PRE_GA.number();
    }

    /** For people. */
    @Override
    public String toString() {
        return refusal != null
                ? "no RESTORE (" + refusal + ")"
                : "RESTORE of RDB versions " + versions + " of " + flavour.text()
                        + (modules ? "" : ", but would end itself over a module's value that it cannot load");
    }
}
