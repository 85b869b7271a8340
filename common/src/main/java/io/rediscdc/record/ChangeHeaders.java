package io.rediscdc.record;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.model.Origin;
import io.rediscdc.model.Position;
import io.rediscdc.model.Stamp;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.header.Headers;

/**
 * The headers of a record, for people and for filters that do not want to decode the value. All are strings:
 *
 * <ul>
 *   <li>{@code op}, {@code db};
 *   <li>{@code key}: the key if it is UTF-8, else with what is not printable ASCII as {@code \n}, {@code \r}, {@code \t},
 *       {@code \a}, {@code \b}, {@code \\} or {@code \xNN}, as redis-cli shows it;
 *   <li>{@code type}, where the change has one;
 *   <li>{@code position}, on tombstones, which have no value that could say it: {@code shard=<shard>
 *       position=<epoch:offset:index>}, and {@code as_of=<offset>} where somebody asked. It begins with a letter, since
 *       Connect's own header converter takes text that begins with a number for that number, and forgets the rest.
 * </ul>
 */
public final class ChangeHeaders {

    public static final String OP = "op";
    public static final String KEY = "key";
    public static final String TYPE = "type";
    public static final String DB = "db";
    public static final String POSITION = "position";

    private static final String SHARD = "shard=";
    private static final String AT = "position=";
    private static final String AS_OF = "as_of=";

    private static final String[] SMALL_NUMBERS = new String[16];

    static {
        for (int i = 0; i < SMALL_NUMBERS.length; i++) {
            SMALL_NUMBERS[i] = Integer.toString(i);
        }
    }

    private ChangeHeaders() {}

    /** Headers of the record that carries the change as its value. */
    public static ConnectHeaders of(Change change) {
        ConnectHeaders headers = new ConnectHeaders();
        headers.addString(OP, change.op().text());
        headers.addString(KEY, text(change.key().key()));
        if (change.state() != null) {
            headers.addString(TYPE, change.state().type());
        }
        int db = change.key().db();
        headers.addString(DB, db >= 0 && db < SMALL_NUMBERS.length ? SMALL_NUMBERS[db] : Integer.toString(db));
        return headers;
    }

    /** Headers of the tombstone that a deletion is. */
    public static ConnectHeaders ofTombstone(Change change) {
        ConnectHeaders headers = of(change);
        Stamp stamp = change.stamp();
        String place = SHARD + stamp.origin().shard() + " " + AT + stamp.position();
        headers.addString(POSITION, stamp.asOf() == null ? place : place + " " + AS_OF + stamp.asOf());
        return headers;
    }

    /**
     * The place in the history that a tombstone's headers say. It is linked to no other: compaction may have removed what was
     * before it.
     *
     * @param slot of the key
     * @param tsMs the record's timestamp
     * @throws RedisCdcException UNSUPPORTED if they do not say it
     */
    public static Stamp stampOf(Headers headers, int slot, long tsMs) {
        Header header = headers.lastWithName(POSITION);
        if (header == null || header.value() == null) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "it has no value, and no header '" + POSITION
                            + "': only tombstones of this source connector can be applied, with their headers");
        }
        String place = header.value().toString();
        String[] words = place.split(" ", -1);
        try {
            Origin origin = new Origin(word(words, 0, SHARD), null, null);
            Stamp stamp = new Stamp(origin, Position.parse(word(words, 1, AT)), Position.NONE, slot, tsMs);
            return words.length == 2 ? stamp : stamp.readAt(Long.parseLong(word(words, 2, AS_OF)));
        } catch (IllegalArgumentException e) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED, "its header '" + POSITION + "' says '" + place + "': " + e.getMessage(), e);
        }
    }

    private static String word(String[] words, int number, String name) {
        if (words.length <= number || !words[number].startsWith(name)) {
            throw new IllegalArgumentException(name + " is missing");
        }
        return words[number].substring(name.length());
    }

    /** A key as the {@code key} header shows it. */
    static String text(byte[] key) {
        String decoded = new String(key, StandardCharsets.UTF_8);
        // The decoder puts U+FFFD where bytes are no UTF-8; only a key that has one needs the strict look.
        return decoded.indexOf('\uFFFD') < 0 || isUtf8(key) ? decoded : escaped(key);
    }

    private static boolean isUtf8(byte[] key) {
        try {
            StandardCharsets.UTF_8.newDecoder().decode(ByteBuffer.wrap(key));
            return true;
        } catch (CharacterCodingException e) {
            return false;
        }
    }

    /** As sdscatrepr of the Redis source (sds.c) does, without the quotes. */
    private static String escaped(byte[] key) {
        StringBuilder text = new StringBuilder(key.length * 2);
        for (byte b : key) {
            switch (b) {
                case '\\' -> text.append("\\\\");
                case '\n' -> text.append("\\n");
                case '\r' -> text.append("\\r");
                case '\t' -> text.append("\\t");
                case 0x07 -> text.append("\\a");
                case '\b' -> text.append("\\b");
                default -> appendOther(text, b);
            }
        }
        return text.toString();
    }

    private static void appendOther(StringBuilder text, byte b) {
        if (b >= ' ' && b <= '~') {
            text.append((char) b);
        } else {
            text.append("\\x").append(Character.forDigit((b >> 4) & 0xf, 16)).append(Character.forDigit(b & 0xf, 16));
        }
    }
}
