package io.rediscdc.model;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The value of a record by which the state of a key is asked of the source: the database's number, a colon, the key's
 * bytes; as {@code 0:session:42}.
 */
public final class RepairRequest {

    private static final int MAX_DB_DIGITS = 9;

    private RepairRequest() {}

    public static byte[] encode(ChangeKey key) {
        byte[] db = (key.db() + ":").getBytes(StandardCharsets.US_ASCII);
        byte[] request = Arrays.copyOf(db, db.length + key.key().length);
        System.arraycopy(key.key(), 0, request, db.length, key.key().length);
        return request;
    }

    /**
     * Reads what {@link #encode} wrote, or an operator.
     *
     * @throws RedisCdcException PROTOCOL if it is none
     */
    public static ChangeKey parse(byte[] request) {
        int db = 0;
        for (int i = 0; request != null && i < request.length && i <= MAX_DB_DIGITS; i++) {
            byte b = request[i];
            if (b == ':' && i > 0) {
                return new ChangeKey(db, Arrays.copyOfRange(request, i + 1, request.length));
            }
            if (b < '0' || b > '9') {
                break;
            }
            db = 10 * db + (b - '0');
        }
        throw new RedisCdcException(
                Category.PROTOCOL,
                "a request for a repair of " + (request == null ? 0 : request.length)
                        + " bytes is none: it has to be the database's number, a colon and the key");
    }
}
