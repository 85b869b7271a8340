package io.rediscdc.format.resp;

import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * A server's reply.
 *
 * @param value a byte[], a {@code Long}, a {@code List<Reply>}, or null; of an error, its text without the '-'
 */
public record Reply(boolean isError, Object value) {

    /** The text of a status, an error or a bulk string, or a number in digits. */
    public String text() {
        return value instanceof byte[] bytes ? new String(bytes, StandardCharsets.UTF_8) : String.valueOf(value);
    }

    /** The elements of an array; empty if it is none. */
    public List<Reply> elements() {
        if (!(value instanceof List<?> list)) {
            return List.of();
        }
        return list.stream().map(Reply.class::cast).toList();
    }
}
