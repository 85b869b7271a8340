package io.rediscdc.standalone.compare;

import static io.rediscdc.standalone.compare.ServerPair.bytes;

import io.rediscdc.standalone.compare.ServerPair.Replies;
import io.rediscdc.standalone.redis.RedisConnection;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Compares streams: entries, last id, consumer groups with their consumers, pending entries and delivery counts. Not:
 * when a consumer was last seen and how long an entry is pending, which time changes by itself; nor a group's
 * entries-read, which Redis's own replicas do not follow (an XREADGROUP reaches them as XCLAIM, which does not count).
 */
final class StreamComparison {

    private static final String WINDOW = "500";
    private static final List<String> STREAM_FIELDS =
            List.of("length", "last-generated-id", "max-deleted-entry-id", "entries-added", "groups");
    private static final List<String> GROUP_FIELDS = List.of("consumers", "pending", "last-delivered-id");

    private final ServerPair servers;

    StreamComparison(ServerPair servers) {
        this.servers = servers;
    }

    boolean same(byte[] key) {
        Replies info = servers.call(bytes("XINFO"), bytes("STREAM"), key);
        return !ValueComparison.isError(info)
                && Objects.equals(fields(info.source(), STREAM_FIELDS), fields(info.target(), STREAM_FIELDS))
                && sameWindows("XRANGE", key, null)
                && sameGroups(key);
    }

    private boolean sameGroups(byte[] key) {
        Replies reply = servers.call(bytes("XINFO"), bytes("GROUPS"), key);
        if (ValueComparison.isError(reply)) {
            return false;
        }
        Map<String, Map<String, Object>> groups = byName(reply.source(), GROUP_FIELDS);
        if (!groups.equals(byName(reply.target(), GROUP_FIELDS))) {
            return false;
        }
        for (String group : groups.keySet()) {
            byte[] name = group.getBytes(StandardCharsets.ISO_8859_1);
            Replies consumers = servers.call(bytes("XINFO"), bytes("CONSUMERS"), key, name);
            List<String> compared = List.of("pending");
            if (ValueComparison.isError(consumers)
                    || !byName(consumers.source(), compared).equals(byName(consumers.target(), compared))
                    || !sameWindows("XPENDING", key, name)) {
                return false;
            }
        }
        return true;
    }

    /** Entries, or a group's pending ones, window after window; each starts behind the last id of the one before. */
    private boolean sameWindows(String command, byte[] key, byte[] group) {
        byte[] from = bytes("-");
        while (true) {
            List<byte[]> words = new ArrayList<>(List.of(bytes(command), key));
            if (group != null) {
                words.add(group);
            }
            words.addAll(List.of(from, bytes("+")));
            if (group == null) {
                words.add(bytes("COUNT"));
            }
            words.add(bytes(WINDOW));
            Replies window = servers.call(words.toArray(new byte[0][]));
            if (ValueComparison.isError(window)) {
                return false;
            }
            List<Object> source = window(window.source(), group != null);
            if (!ValueComparison.same(source, window(window.target(), group != null))) {
                return false;
            }
            if (source.isEmpty()) {
                return true;
            }
            List<?> last = (List<?>) source.get(source.size() - 1);
            from = after((byte[]) last.get(0));
        }
    }

    /** A pending entry is id, consumer, idle time, deliveries; the idle time runs by itself. */
    private static List<Object> window(Object reply, boolean pending) {
        List<Object> entries = new ArrayList<>();
        for (Object entry : (List<?>) reply) {
            List<?> parts = (List<?>) entry;
            entries.add(pending ? List.of(parts.get(0), parts.get(1), parts.get(3)) : parts);
        }
        return entries;
    }

    /** The smallest id greater than the given one; servers before 6.2 know no exclusive ranges. */
    private static byte[] after(byte[] id) {
        String text = RedisConnection.string(id);
        int dash = text.indexOf('-');
        long ms = Long.parseUnsignedLong(text.substring(0, dash));
        long sequence = Long.parseUnsignedLong(text.substring(dash + 1));
        return sequence == -1L
                ? bytes(Long.toUnsignedString(ms + 1) + "-0")
                : bytes(Long.toUnsignedString(ms) + "-" + Long.toUnsignedString(sequence + 1));
    }

    private static Map<String, Map<String, Object>> byName(Object reply, List<String> names) {
        Map<String, Map<String, Object>> all = new TreeMap<>();
        for (Object one : (List<?>) reply) {
            all.put((String) fields(one, List.of("name")).get("name"), fields(one, names));
        }
        return all;
    }

    /** The named ones of a flat list of names and values, bytes as text of one character each. */
    private static Map<String, Object> fields(Object reply, List<String> names) {
        Map<String, Object> fields = new TreeMap<>();
        List<?> list = (List<?>) reply;
        for (int i = 0; i + 1 < list.size(); i += 2) {
            String name = RedisConnection.string(list.get(i));
            Object value = list.get(i + 1);
            if (names.contains(name) && value != null) {
                fields.put(
                        name, value instanceof byte[] bytes ? new String(bytes, StandardCharsets.ISO_8859_1) : value);
            }
        }
        return fields;
    }
}
