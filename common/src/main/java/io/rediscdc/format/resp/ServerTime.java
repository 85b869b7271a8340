package io.rediscdc.format.resp;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** A server's clock, as TIME tells it: seconds since 1970, and microseconds of the next. */
public final class ServerTime {

    private ServerTime() {}

    /** The reply in ms since 1970. */
    public static long millis(Reply time) {
        List<Reply> parts = ((Reply.Array) time).elements();
        return millis(parts.get(0).text(), parts.get(1).text());
    }

    /** The same of its two parts. */
    public static long millis(List<byte[]> parts) {
        return millis(text(parts.get(0)), text(parts.get(1)));
    }

    private static long millis(String seconds, String micros) {
        return Long.parseLong(seconds) * 1_000 + Long.parseLong(micros) / 1_000;
    }

    private static String text(byte[] bytes) {
        return new String(bytes, StandardCharsets.US_ASCII);
    }
}
