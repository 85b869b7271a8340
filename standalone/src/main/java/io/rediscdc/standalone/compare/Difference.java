package io.rediscdc.standalone.compare;

import java.nio.charset.StandardCharsets;

/**
 * Something that is not the same at both ends.
 *
 * @param kind what about it differs; the first that applies in the order of the enum
 * @param database 0 for function libraries
 * @param key the key, or a function library's name
 */
public record Difference(Kind kind, int database, byte[] key) {

    /** Ways to differ. */
    public enum Kind {
        /** In the source only. */
        MISSING,
        /** In the target only. */
        EXTRA,
        TYPE,
        VALUE,
        TTL,
        FUNCTION
    }

    private static final int SHOWN = 100;

    /** For the user's own terminal: it shows the key, escaped. */
    @Override
    public String toString() {
        String what =
                switch (kind) {
                    case MISSING -> "missing at the target";
                    case EXTRA -> "not in the source";
                    case TYPE -> "types differ";
                    case VALUE -> "values differ";
                    case TTL -> "expiry times differ";
                    case FUNCTION -> "function libraries differ";
                };
        return kind == Kind.FUNCTION ? what + ": " + escaped(key) : what + ": db " + database + " " + escaped(key);
    }

    private static String escaped(byte[] bytes) {
        StringBuilder text = new StringBuilder("\"");
        for (int i = 0; i < bytes.length; i++) {
            if (i == SHOWN) {
                return text + "\"… (" + bytes.length + " bytes)";
            }
            char c = new String(bytes, i, 1, StandardCharsets.ISO_8859_1).charAt(0);
            if (c == '"' || c == '\\') {
                text.append('\\').append(c);
            } else if (c >= ' ' && c <= '~') {
                text.append(c);
            } else {
                text.append(String.format("\\x%02x", (int) c));
            }
        }
        return text.append('"').toString();
    }
}
