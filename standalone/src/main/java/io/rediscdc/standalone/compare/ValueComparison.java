package io.rediscdc.standalone.compare;

import static io.rediscdc.standalone.compare.ServerPair.bytes;

import io.rediscdc.standalone.compare.Difference.Kind;
import io.rediscdc.standalone.compare.ServerPair.Replies;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisErrorException;
import java.nio.ByteBuffer;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * Compares values by their meaning, for keys whose DUMPs differ: what DUMP says depends on encoding, hash seed and
 * version. Small values are fetched whole, many keys in a round trip; large ones and streams are read in windows.
 */
final class ValueComparison {

    /**
     * A key to look at.
     *
     * @param size bytes of its larger DUMP
     */
    record Candidate(byte[] key, long size) {}

    private static final long SMALL = 16 << 10;
    private static final int BATCH = 256;
    private static final int WINDOW = 500;
    private static final int STRING_WINDOW = 1 << 20;

    private final ServerPair servers;
    private final boolean fieldTtls;
    private final StreamComparison streams;

    ValueComparison(ServerPair servers) {
        this.servers = servers;
        this.fieldTtls = servers.bothKnow("HPEXPIRETIME", "__redis-cdc:none", "FIELDS", "1", "f");
        this.streams = new StreamComparison(servers);
    }

    /** What differs about each candidate, in their order: TYPE, VALUE, TTL (of a hash's field) or null. */
    List<Kind> compare(List<Candidate> candidates) {
        List<Kind> kinds = new ArrayList<>(candidates.size());
        for (int i = 0; i < candidates.size(); i += BATCH) {
            kinds.addAll(compareBatch(candidates.subList(i, Math.min(i + BATCH, candidates.size()))));
        }
        return kinds;
    }

    private List<Kind> compareBatch(List<Candidate> candidates) {
        List<byte[][]> askType = new ArrayList<>();
        candidates.forEach(candidate -> askType.add(new byte[][] {bytes("TYPE"), candidate.key()}));
        List<Replies> types = servers.callAll(askType);

        List<byte[][]> askValue = new ArrayList<>();
        for (int i = 0; i < candidates.size(); i++) {
            byte[][] whole = whole(candidates.get(i), typeOf(types.get(i)));
            if (whole != null) {
                askValue.add(whole);
            }
        }
        List<Replies> values = servers.callAll(askValue);

        List<Kind> kinds = new ArrayList<>(candidates.size());
        int next = 0;
        for (int i = 0; i < candidates.size(); i++) {
            byte[] key = candidates.get(i).key();
            String type = typeOf(types.get(i));
            if (type == null) {
                kinds.add(Kind.TYPE);
                continue;
            }
            boolean same = whole(candidates.get(i), type) == null
                    ? sameInWindows(key, type)
                    : sameReplies(type, values.get(next++));
            if (!same) {
                kinds.add(Kind.VALUE);
            } else if (type.equals("hash") && fieldTtls && !sameFieldTtls(key)) {
                kinds.add(Kind.TTL);
            } else {
                kinds.add(null);
            }
        }
        return kinds;
    }

    /** The command that fetches the whole value, or null if it is better read in windows. */
    private static byte[][] whole(Candidate candidate, String type) {
        if (type == null || candidate.size() > SMALL) {
            return null;
        }
        byte[] key = candidate.key();
        return switch (type) {
            case "string" -> new byte[][] {bytes("GET"), key};
            case "list" -> new byte[][] {bytes("LRANGE"), key, bytes("0"), bytes("-1")};
            case "set" -> new byte[][] {bytes("SMEMBERS"), key};
            case "hash" -> new byte[][] {bytes("HGETALL"), key};
            case "zset" -> new byte[][] {bytes("ZRANGE"), key, bytes("0"), bytes("-1"), bytes("WITHSCORES")};
            default -> null;
        };
    }

    private static boolean sameReplies(String type, Replies replies) {
        if (isError(replies)) {
            return false;
        }
        return switch (type) {
            case "set" -> setOf(replies.source()).equals(setOf(replies.target()));
            case "hash" -> mapOf(replies.source()).equals(mapOf(replies.target()));
            default -> same(replies.source(), replies.target());
        };
    }

    private boolean sameInWindows(byte[] key, String type) {
        return switch (type) {
            case "string" -> sameString(key);
            case "list" -> sameList(key);
            case "set" -> sameCount("SCARD", key) && sameUnordered("SSCAN", key, 1, "SMISMEMBER");
            case "hash" -> sameCount("HLEN", key) && sameUnordered("HSCAN", key, 2, "HMGET");
            case "zset" -> sameCount("ZCARD", key) && sameUnordered("ZSCAN", key, 2, "ZMSCORE");
            case "stream" -> streams.same(key);
            // A module's type: nothing but its DUMP can be compared.
            default -> false;
        };
    }

    private boolean sameString(byte[] key) {
        Replies lengths = servers.call(bytes("STRLEN"), key);
        if (isError(lengths) || !Objects.equals(lengths.source(), lengths.target())) {
            return false;
        }
        for (long from = 0; from < (Long) lengths.source(); from += STRING_WINDOW) {
            Replies part = servers.call(bytes("GETRANGE"), key, number(from), number(from + STRING_WINDOW - 1));
            if (isError(part) || !same(part.source(), part.target())) {
                return false;
            }
        }
        return true;
    }

    private boolean sameList(byte[] key) {
        Replies lengths = servers.call(bytes("LLEN"), key);
        if (isError(lengths) || !Objects.equals(lengths.source(), lengths.target())) {
            return false;
        }
        for (long from = 0; from < (Long) lengths.source(); from += WINDOW) {
            Replies part = servers.call(bytes("LRANGE"), key, number(from), number(from + WINDOW - 1));
            if (isError(part) || !same(part.source(), part.target())) {
                return false;
            }
        }
        return true;
    }

    private boolean sameCount(String command, byte[] key) {
        Replies counts = servers.call(bytes(command), key);
        return !isError(counts) && Objects.equals(counts.source(), counts.target());
    }

    /**
     * The same number of elements at both ends, and every one of the source is in the target: so they are equal.
     *
     * @param stride replies per element of the scan: 1 = member, 2 = member and value
     * @param lookup asks for many members' values (or, in a set, for their presence) at once
     */
    private boolean sameUnordered(String scan, byte[] key, int stride, String lookup) {
        byte[] cursor = bytes("0");
        do {
            Object reply = servers.source.call(bytes(scan), key, cursor, bytes("COUNT"), number(WINDOW));
            List<?> answer = (List<?>) reply;
            cursor = (byte[]) answer.get(0);
            List<?> elements = (List<?>) answer.get(1);
            if (!elements.isEmpty() && !targetHas(key, elements, stride, lookup)) {
                return false;
            }
        } while (cursor.length != 1 || cursor[0] != '0');
        return true;
    }

    private boolean targetHas(byte[] key, List<?> elements, int stride, String lookup) {
        int count = elements.size() / stride;
        byte[][] command = new byte[count + 2][];
        command[0] = bytes(lookup);
        command[1] = key;
        for (int i = 0; i < count; i++) {
            command[i + 2] = (byte[]) elements.get(i * stride);
        }
        List<?> found = (List<?>) servers.target.call(command);
        for (int i = 0; i < count; i++) {
            Object at = found.get(i);
            boolean has = stride == 1 ? at.equals(1L) : same(elements.get(i * stride + 1), at);
            if (!has) {
                return false;
            }
        }
        return true;
    }

    private boolean sameFieldTtls(byte[] key) {
        byte[] cursor = bytes("0");
        do {
            List<?> answer = (List<?>) servers.source.call(bytes("HSCAN"), key, cursor, bytes("COUNT"), number(WINDOW));
            cursor = (byte[]) answer.get(0);
            List<?> elements = (List<?>) answer.get(1);
            List<byte[]> command =
                    new ArrayList<>(List.of(bytes("HPEXPIRETIME"), key, bytes("FIELDS"), number(elements.size() / 2)));
            for (int i = 0; i < elements.size(); i += 2) {
                command.add((byte[]) elements.get(i));
            }
            if (!elements.isEmpty()) {
                Replies times = servers.call(command.toArray(new byte[0][]));
                if (isError(times) || !same(times.source(), times.target())) {
                    return false;
                }
            }
        } while (cursor.length != 1 || cursor[0] != '0');
        return true;
    }

    /** The type that both ends name, or null if they name different ones. */
    private static String typeOf(Replies types) {
        return !isError(types) && same(types.source(), types.target()) ? RedisConnection.string(types.source()) : null;
    }

    static boolean isError(Replies replies) {
        return replies.source() instanceof RedisErrorException || replies.target() instanceof RedisErrorException;
    }

    /** Deep equality of replies. */
    static boolean same(Object a, Object b) {
        return Objects.deepEquals(comparable(a), comparable(b));
    }

    private static Object comparable(Object reply) {
        return reply instanceof List<?> list
                ? list.stream().map(ValueComparison::comparable).toArray()
                : reply;
    }

    private static Set<ByteBuffer> setOf(Object reply) {
        Set<ByteBuffer> set = new HashSet<>();
        ((List<?>) reply).forEach(member -> set.add(ByteBuffer.wrap((byte[]) member)));
        return set;
    }

    private static Map<ByteBuffer, ByteBuffer> mapOf(Object reply) {
        List<?> list = (List<?>) reply;
        Map<ByteBuffer, ByteBuffer> map = new HashMap<>();
        for (int i = 0; i < list.size(); i += 2) {
            map.put(ByteBuffer.wrap((byte[]) list.get(i)), ByteBuffer.wrap((byte[]) list.get(i + 1)));
        }
        return map;
    }

    private static byte[] number(long value) {
        return bytes(Long.toString(value));
    }
}
