package io.rediscdc.command;

import java.util.Arrays;

/** Where a command has its keys. */
@FunctionalInterface
interface KeyFinder {

    /**
     * Indexes of the keys, ascending; null if the arguments do not hold what they promise.
     *
     * @param args the command, its name first
     */
    int[] find(byte[][] args);

    /** Nowhere. */
    static KeyFinder none() {
        int[] none = {};
        return args -> none;
    }

    /** At these indexes. */
    static KeyFinder at(int... indexes) {
        int longest = indexes[indexes.length - 1];
        return args -> args.length > longest ? indexes : null;
    }

    /** From {@code first} to {@code last}, which counts from the end if negative, in groups that begin with a key. */
    static KeyFinder range(int first, int last, int group) {
        return args -> {
            int length = (last < 0 ? args.length + last : last) - first + 1;
            return length < group || length % group != 0 ? null : Indexes.of(first, length / group, group);
        };
    }

    /**
     * As many groups, each beginning with a key, as the argument at {@code count} says, right after it.
     *
     * @param minimum of groups that the server takes
     */
    static KeyFinder counted(int count, int group, int minimum) {
        return args -> {
            int groups = count(args, count, group);
            return groups < minimum ? null : Indexes.of(count + 1, groups, group);
        };
    }

    /** A destination at 1, then as many sources as the argument at 2 says. */
    static KeyFinder destinationAndCounted() {
        return args -> {
            int sources = count(args, 2, 1);
            if (sources < 1) {
                return null;
            }
            int[] keys = new int[1 + sources];
            keys[0] = 1;
            for (int i = 0; i < sources; i++) {
                keys[1 + i] = 3 + i;
            }
            return keys;
        };
    }

    /** SORT key [BY pattern] [LIMIT offset count] [GET pattern ...] [ASC | DESC] [ALPHA] [STORE destination]. */
    static KeyFinder sort() {
        return args -> {
            if (args.length < 2) {
                return null;
            }
            int store = 0;
            for (int i = 2; i < args.length; i++) {
                if (Ascii.equalsIgnoreCase(args[i], "limit")) {
                    i += 2;
                } else if (Ascii.equalsIgnoreCase(args[i], "get") || Ascii.equalsIgnoreCase(args[i], "by")) {
                    i++;
                } else if (Ascii.equalsIgnoreCase(args[i], "store")) {
                    store = ++i;
                }
            }
            if (store == 0) {
                return Indexes.of(1, 1, 1);
            }
            return store < args.length ? new int[] {1, store} : null;
        };
    }

    /**
     * GEORADIUS key longitude latitude radius unit ..., GEORADIUSBYMEMBER key member radius unit ...: after {@code
     * fixed} arguments, [STORE destination] [STOREDIST destination]. Servers write to the last destination, but count
     * all as keys.
     */
    static KeyFinder geoRadius(int fixed) {
        return args -> {
            if (args.length < fixed) {
                return null;
            }
            int[] keys = Indexes.of(1, 1, 1);
            for (int i = fixed; i < args.length; i++) {
                if (Ascii.equalsIgnoreCase(args[i], "store") || Ascii.equalsIgnoreCase(args[i], "storedist")) {
                    i++;
                    if (i == args.length) {
                        return null;
                    }
                    keys = Arrays.copyOf(keys, keys.length + 1);
                    keys[keys.length - 1] = i;
                }
            }
            return keys;
        };
    }

    /** XREADGROUP GROUP group consumer [COUNT n] [BLOCK ms] [CLAIM ms] [NOACK] STREAMS key ... id .... */
    static KeyFinder streams() {
        return args -> {
            for (int i = 1; i < args.length; i++) {
                if (Ascii.equalsIgnoreCase(args[i], "streams")) {
                    int rest = args.length - i - 1;
                    return rest == 0 || rest % 2 != 0 ? null : Indexes.of(i + 1, rest / 2, 1);
                } else if (Ascii.equalsIgnoreCase(args[i], "group")) {
                    i += 2;
                } else if (!Ascii.equalsIgnoreCase(args[i], "noack")) {
                    i++;
                }
            }
            return null;
        };
    }

    /** MIGRATE host port key db timeout [COPY] [REPLACE] [AUTH pw] [AUTH2 user pw] [KEYS key ...], with key empty then. */
    static KeyFinder migrate() {
        int[] one = {3};
        return args -> {
            if (args.length < 6) {
                return null;
            }
            if (args[3].length > 0) {
                return one;
            }
            for (int i = 6; i < args.length; i++) {
                if (Ascii.equalsIgnoreCase(args[i], "auth")) {
                    i++;
                } else if (Ascii.equalsIgnoreCase(args[i], "auth2")) {
                    i += 2;
                } else if (Ascii.equalsIgnoreCase(args[i], "keys")) {
                    return i + 1 == args.length ? null : Indexes.of(i + 1, args.length - i - 1, 1);
                }
            }
            return one;
        };
    }

    /** The number at {@code index} if as many groups can follow it, else -1. */
    private static int count(byte[][] args, int index, int group) {
        if (args.length <= index) {
            return -1;
        }
        int count = Ascii.count(args[index]);
        return (long) count * group > args.length - index - 1 ? -1 : count;
    }
}
