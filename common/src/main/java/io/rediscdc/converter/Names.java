package io.rediscdc.converter;

import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * The few strings that stand in one field of record after record (ops, types, nodes), so that they are neither encoded
 * nor decoded nor allocated each time. Threads may share it: entries are immutable, and losing one costs nothing but
 * time.
 */
final class Names {

    private static final int SIZE = 8;
    private static final int MAX_LENGTH = 256;

    private final Name[] byBytes = new Name[SIZE];
    private final Name[] byString = new Name[SIZE];

    /** A string and its UTF-8. */
    private record Name(String text, byte[] bytes) {}

    /** The string that has these bytes, null if it is not remembered. */
    String find(byte[] data, int from, int length) {
        Name name = byBytes[index(data, from, length)];
        return name != null && Arrays.equals(name.bytes, 0, name.bytes.length, data, from, from + length)
                ? name.text
                : null;
    }

    void add(String text, byte[] data, int from, int length) {
        if (length <= MAX_LENGTH) {
            byBytes[index(data, from, length)] = new Name(text, Arrays.copyOfRange(data, from, from + length));
        }
    }

    /** UTF-8 of the string; not to be changed. */
    byte[] encode(String text) {
        int index = text.hashCode() & (SIZE - 1);
        Name name = byString[index];
        if (name != null && name.text.equals(text)) {
            return name.bytes;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        if (bytes.length <= MAX_LENGTH) {
            byString[index] = new Name(text, bytes);
        }
        return bytes;
    }

    /** Tells Redis's types and our ops from each other by length, first and last byte. */
    private static int index(byte[] data, int from, int length) {
        return length == 0 ? 0 : (length + 3 * data[from] + data[from + length - 1]) & (SIZE - 1);
    }
}
