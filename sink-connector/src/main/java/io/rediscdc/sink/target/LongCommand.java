package io.rediscdc.sink.target;

import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.IntFunction;

/**
 * A command with any number of elements that does the same if it is executed several times, each with some of them.
 *
 * @param group how many arguments an element has
 */
public record LongCommand(String name, int group) {

    private static final Map<String, Integer> GROUPS = Map.ofEntries(
            Map.entry("rpush", 1),
            Map.entry("lpush", 1),
            Map.entry("rpushx", 1),
            Map.entry("lpushx", 1),
            Map.entry("sadd", 1),
            Map.entry("srem", 1),
            Map.entry("zrem", 1),
            Map.entry("hdel", 1),
            Map.entry("pfadd", 1),
            Map.entry("xdel", 1),
            Map.entry("hset", 2),
            Map.entry("hmset", 2),
            Map.entry("zadd", 2),
            Map.entry("geoadd", 3));

    private static final Set<String> FLAGS = Set.of("nx", "xx", "gt", "lt", "ch");

    /** Null for one that has to be executed as a whole. */
    public static LongCommand of(String command) {
        String name = command.toLowerCase(Locale.ROOT);
        Integer group = GROUPS.get(name);
        return group == null ? null : new LongCommand(name, group);
    }

    /** Index of the first element's first argument, 0 if it is not as it should be. */
    int firstElement(int args, IntFunction<String> argument) {
        int first = 2;
        if (name.equals("zadd") || name.equals("geoadd")) {
            while (first < args && FLAGS.contains(argument.apply(first).toLowerCase(Locale.ROOT))) {
                first++;
            }
        }
        return (args - first) % group == 0 ? first : 0;
    }
}
