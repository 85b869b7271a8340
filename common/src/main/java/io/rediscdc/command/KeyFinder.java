package io.rediscdc.command;

import java.nio.charset.StandardCharsets;

/** Where in a command its keys stand. Answers are shared where they are always the same: not to be changed. */
@FunctionalInterface
interface KeyFinder {

    int[] NO_KEYS = {};

    /**
     * Indexes of the keys.
     *
     * @throws RuntimeException of any kind if the command is not what it should be; the caller names it
     */
    int[] keys(byte[][] args);

    KeyFinder NONE = args -> NO_KEYS;

    /** Those after a number of them that stands at an index. */
    static KeyFinder counted(int at, int step) {
        return args -> range(at + 1, at + 1 + number(args[at]) * step, step, args.length);
    }

    static KeyFinder firstAndCounted(int at) {
        KeyFinder rest = counted(at, 1);
        return args -> prepend(1, rest.keys(args));
    }

    /** From an index to another, which counts from the end if negative. */
    static KeyFinder from(int first, int last, int step) {
        return args -> range(first, last < 0 ? args.length + last + 1 : last + 1, step, args.length);
    }

    static KeyFinder at(int... indexes) {
        int highest = indexes[indexes.length - 1];
        return args -> {
            if (highest >= args.length) {
                throw new ArrayIndexOutOfBoundsException(highest);
            }
            return indexes;
        };
    }

    /** Half of what follows the word STREAMS; the other half are ids. */
    static KeyFinder streams() {
        return args -> {
            int word = indexOf(args, "STREAMS", 1);
            int count = args.length - word - 1;
            if (word < 0 || count % 2 != 0) {
                throw new IllegalArgumentException();
            }
            return range(word + 1, word + 1 + count / 2, 1, args.length);
        };
    }

    /** The first, and the last destination that is named. */
    static KeyFinder store() {
        return args -> {
            int store = Math.max(lastIndexOf(args, "STORE", 2), lastIndexOf(args, "STOREDIST", 2));
            return store < 0 || store + 1 == args.length ? new int[] {1} : new int[] {1, store + 1};
        };
    }

    static KeyFinder migrate() {
        return args -> {
            if (args[3].length > 0) {
                return new int[] {3};
            }
            int word = indexOf(args, "KEYS", 6);
            if (word < 0) {
                throw new IllegalArgumentException();
            }
            return range(word + 1, args.length, 1, args.length);
        };
    }

    private static int[] range(int first, int end, int step, int length) {
        if (first > end || end > length || (end - first) % step != 0) {
            throw new ArrayIndexOutOfBoundsException(end);
        }
        int[] keys = new int[(end - first) / step];
        for (int i = 0; i < keys.length; i++) {
            keys[i] = first + i * step;
        }
        return keys;
    }

    private static int[] prepend(int first, int[] rest) {
        int[] keys = new int[rest.length + 1];
        keys[0] = first;
        System.arraycopy(rest, 0, keys, 1, rest.length);
        return keys;
    }

    private static int number(byte[] digits) {
        return Integer.parseInt(new String(digits, StandardCharsets.US_ASCII));
    }

    private static int indexOf(byte[][] args, String word, int from) {
        for (int i = from; i < args.length; i++) {
            if (is(args[i], word)) {
                return i;
            }
        }
        return -1;
    }

    private static int lastIndexOf(byte[][] args, String word, int from) {
        for (int i = args.length - 1; i >= from; i--) {
            if (is(args[i], word)) {
                return i;
            }
        }
        return -1;
    }

    private static boolean is(byte[] arg, String word) {
        return arg.length == word.length() && new String(arg, StandardCharsets.ISO_8859_1).equalsIgnoreCase(word);
    }
}
