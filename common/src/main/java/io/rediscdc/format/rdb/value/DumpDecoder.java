package io.rediscdc.format.rdb.value;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.ByteInput;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.RdbType;
import io.rediscdc.model.Flavour;
import java.io.EOFException;
import java.io.IOException;
import java.io.UncheckedIOException;

/** Decodes DUMP payloads, which are in memory as a whole. Metadata of modules, which stands before the type, is left out. */
public final class DumpDecoder {

    private DumpDecoder() {}

    /**
     * Decodes a payload; its checksum is not looked at ({@link DumpPayload#isIntact} does).
     *
     * @return its type
     * @throws RedisCdcException as {@link ValueDecoder} does, and PROTOCOL if the payload ends within the value or goes on
     *     behind it
     */
    public static RdbType decode(byte[] payload, Flavour flavour, DecodeLimits limits, ValueVisitor to) {
        int start = DumpPayload.valueOffset(payload, flavour);
        RdbType type = DumpPayload.type(payload, flavour);
        ByteInput in = new ArrayInput(payload);
        ValueDecoder decoder = new ValueDecoder(in, limits);
        int end = payload.length - DumpPayload.FOOTER_LENGTH;
        try {
            in.skip(start);
            decoder.decode(type, to);
        } catch (EOFException e) {
            throw damaged(payload, "its value does not end", e);
        } catch (IOException e) {
            throw new UncheckedIOException("reading an array", e);
        }
        if (in.position() != end) {
            throw damaged(payload, "its value ends at byte " + in.position() + " instead of " + end, null);
        }
        return type;
    }

    private static RedisCdcException damaged(byte[] payload, String why, Throwable cause) {
        return new RedisCdcException(
                Category.PROTOCOL,
                "DUMP payload of " + payload.length + " bytes is damaged: " + why + "; read the key again",
                cause);
    }
}
