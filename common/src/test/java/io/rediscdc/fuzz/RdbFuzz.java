package io.rediscdc.fuzz;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.RdbReader;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.rdb.value.DumpDecoder;
import io.rediscdc.model.Flavour;
import java.io.IOException;

/** RDB files, and the values in them. What finds the end of a value and what decodes it have to agree. */
public final class RdbFuzz {

    private static final long MAX_VALUE_BYTES = 1 << 20;
    private static final DecodeLimits LIMITS = new DecodeLimits(1 << 20, 4096, 1 << 20, "the limit");

    private RdbFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        RdbReader reader = new RdbReader(new ArrayInput(data), MAX_VALUE_BYTES);
        Flavour flavour = null;
        try {
            for (RdbItem item = reader.next(); item != null; item = reader.next()) {
                if (item instanceof RdbItem.Header header) {
                    flavour = header.flavour();
                } else if (item instanceof RdbItem.Key key) {
                    decode(key, flavour);
                }
            }
        } catch (RedisCdcException e) {
            Outcome.check(e);
        }
    }

    private static void decode(RdbItem.Key key, Flavour flavour) {
        try {
            DumpDecoder.decode(key.dump(), flavour, LIMITS, new Fingerprint());
        } catch (RedisCdcException e) {
            Outcome.check(e);
            if (e.getMessage().contains("its value ends at") || e.getMessage().contains("its value does not end")) {
                throw new AssertionError("type " + key.type() + " ends elsewhere when decoded", e);
            }
        }
    }
}
