package io.rediscdc.command;

/** Command names, options and counts, as bytes. */
final class Ascii {

    private Ascii() {}

    static int lower(byte b) {
        return b >= 'A' && b <= 'Z' ? b + ('a' - 'A') : b;
    }

    /** @param lower in lower case */
    static boolean equalsIgnoreCase(byte[] bytes, String lower) {
        if (bytes.length != lower.length()) {
            return false;
        }
        for (int i = 0; i < bytes.length; i++) {
            if (lower(bytes[i]) != lower.charAt(i)) {
                return false;
            }
        }
        return true;
    }

    /** A decimal from 0 to 999,999,999, or -1 if it is none. */
    static int count(byte[] bytes) {
        if (bytes.length == 0 || bytes.length > 9) {
            return -1;
        }
        int count = 0;
        for (byte b : bytes) {
            if (b < '0' || b > '9') {
                return -1;
            }
            count = count * 10 + (b - '0');
        }
        return count;
    }
}
