package io.rediscdc.command.piece;

import io.rediscdc.command.rebuild.RebuildLimits;
import io.rediscdc.command.rebuild.RebuildOutput;
import io.rediscdc.command.rebuild.TargetAbilities;
import io.rediscdc.command.rebuild.Unsupported;
import io.rediscdc.command.rebuild.ValueWriter;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.rdb.value.ValueVisitor;
import io.rediscdc.format.resp.RespBuffer;
import java.util.Collections;
import java.util.EnumMap;
import java.util.Map;

/**
 * Cuts a value, which comes element by element ({@link #visitor}), into pieces: commands that build it at a target which can
 * do everything, gathered until they have the size of a piece. {@link PieceReader} is the other side. Not thread-safe.
 */
public final class PieceWriter implements RebuildOutput {

    /** Of no server there is: everything is written, and pending entries of which the stream has no entry are tried. */
    private static final TargetAbilities ALL = new TargetAbilities(true, true, true, false, true, true);

    private static final byte[] NO_KEY = {};
    private static final int COMMAND_BYTES = 256 * 1024;
    private static final int COMMAND_ELEMENTS = 1000;

    /** More than a command has without its elements, and more than RESP and an id of a stream take. */
    private static final int COMMAND_OVERHEAD = 64;

    /** Of a node that has to be unpacked as a whole. Servers make them this large only if configured to. */
    private static final int NODE_BYTES = 16 * 1024 * 1024;

    private final int maxBytes;
    private final PieceOutput to;
    private final RespBuffer commands;
    private final ValueWriter values;
    private final Map<Unsupported, Long> losses = new EnumMap<>(Unsupported.class);

    private int pieces;
    private long elements;

    /**
     * Cuts one value.
     *
     * @param maxRecordBytes the most a piece and the key may have together, at least 1024
     * @throws RedisCdcException UNSUPPORTED if the key takes more than half of that
     */
    public PieceWriter(int maxRecordBytes, int keyLength, PieceOutput to) {
        if (keyLength > maxRecordBytes / 2) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "its key leaves too little room in max.record.bytes = " + maxRecordBytes
                            + ", of which a key may take half where the value is large; raise it");
        }
        this.maxBytes = maxRecordBytes - keyLength;
        this.to = to;
        this.commands = new RespBuffer(Math.min(maxBytes, 2 * COMMAND_BYTES));
        RebuildLimits limits = new RebuildLimits(
                Math.min(COMMAND_BYTES, maxBytes / 4),
                Math.max(1, Math.min(COMMAND_ELEMENTS, maxBytes / COMMAND_OVERHEAD - 4)));
        this.values = new ValueWriter(NO_KEY, ALL, limits, this);
    }

    /** For the decoder that is to feed it. */
    public static DecodeLimits decodeLimits(int maxRecordBytes) {
        return new DecodeLimits(
                Math.max(maxRecordBytes, NODE_BYTES),
                // So that four with their commands fill a piece.
                maxRecordBytes / 4 - 2 * COMMAND_OVERHEAD,
                DecodeLimits.DEFAULT.pendingBytes(),
                "the larger of 16 MiB and max.record.bytes");
    }

    /** Takes the value. */
    public ValueVisitor visitor() {
        return values;
    }

    /** Hands out the last piece. */
    public void finish() {
        values.finish();
        flush(true);
    }

    /** What commands cannot express, and how often it was met. */
    public Map<Unsupported, Long> losses() {
        return Collections.unmodifiableMap(losses);
    }

    @Override
    public void command(byte[][] args) {
        long length = encodedLength(args);
        if (length > maxBytes) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "an element of it takes " + length + " bytes, and only strings can be cut further: raise"
                            + " max.record.bytes above that (with the producer's max.request.size and the topic's"
                            + " max.message.bytes)");
        }
        if (commands.length() + length > maxBytes) {
            flush(false);
        }
        commands.command(args);
        elements += PieceLayout.elements(args[0], args.length);
    }

    @Override
    public void unsupported(Unsupported what) {
        losses.merge(what, 1L, Long::sum);
    }

    private void flush(boolean last) {
        to.piece(pieces++, last, elements, commands.toByteArray());
        commands.clear();
    }

    private static long encodedLength(byte[][] args) {
        long length = headerLength(args.length);
        for (byte[] arg : args) {
            length += headerLength(arg.length) + arg.length + 2L;
        }
        return length;
    }

    private static int headerLength(int number) {
        return 3 + Integer.toString(number).length();
    }
}
