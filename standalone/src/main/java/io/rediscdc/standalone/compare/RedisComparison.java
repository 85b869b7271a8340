package io.rediscdc.standalone.compare;

import static io.rediscdc.standalone.compare.ServerPair.bytes;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.standalone.compare.Difference.Kind;
import io.rediscdc.standalone.redis.RedisUri;
import io.rediscdc.standalone.redis.ServerInfo;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.LongConsumer;

/**
 * Compares two servers key by key: type, value, expiry, in both directions, and their function libraries. Keys that
 * begin with {@value #RESERVED} are ours and do not count. Both may be in use: what differs is looked at again, and
 * counts only if it goes on to differ.
 */
public final class RedisComparison {

    /** Prefix of the keys in which a sink keeps its checkpoint. */
    public static final String RESERVED = ChangeKey.RESERVED_PREFIX;

    /** More differences than that are counted at first sight: keeping all their keys could need any amount of memory. */
    private static final int SUSPECTS = 200_000;

    private static final int RECHECK_PAGE = 100;

    private final RedisUri source;
    private final RedisUri target;
    private final ComparisonOptions options;
    private final LongConsumer progress;

    private final Map<Kind, Long> counts = new EnumMap<>(Kind.class);
    private final List<Difference> examples = new ArrayList<>();
    private long compared;

    /** @param progress told from time to time how many keys have been looked at */
    private RedisComparison(RedisUri source, RedisUri target, ComparisonOptions options, LongConsumer progress) {
        this.source = source;
        this.target = target;
        this.options = options;
        this.progress = progress;
    }

    /**
     * Compares.
     *
     * @throws io.rediscdc.standalone.redis.RedisConnectionException if a server cannot be reached
     * @throws io.rediscdc.standalone.redis.RedisErrorException if a server refuses to be read
     */
    public static ComparisonResult compare(RedisUri source, RedisUri target, ComparisonOptions options) {
        return compare(source, target, options, keys -> {});
    }

    /** As the other one, and tells from time to time how many keys have been looked at. */
    public static ComparisonResult compare(
            RedisUri source, RedisUri target, ComparisonOptions options, LongConsumer progress) {
        return new RedisComparison(source, target, options, progress).run();
    }

    private ComparisonResult run() {
        long start = System.nanoTime();
        try (ServerPair walking = new ServerPair(source, target);
                ServerPair looking = new ServerPair(source, target)) {
            DatabaseComparison databases = new DatabaseComparison(walking, looking, options.ttlTolerance());
            Map<Integer, List<Difference>> suspects = new TreeMap<>();
            for (int database : databases(walking)) {
                select(databases, database);
                Suspects found = new Suspects(database, suspects);
                databases.walk(found, this::count);
            }
            recheck(databases, suspects);
            suspects.values().forEach(list -> list.forEach(this::different));
            compareFunctions(looking);
        }
        return new ComparisonResult(compared, counts, examples, (System.nanoTime() - start) / 1e9);
    }

    /** Takes differences as they are found: to look at again, or, when there are too many, as they are. */
    private final class Suspects implements DatabaseComparison.Findings {
        private final int database;
        private final Map<Integer, List<Difference>> suspects;

        Suspects(int database, Map<Integer, List<Difference>> suspects) {
            this.database = database;
            this.suspects = suspects;
        }

        @Override
        public void differs(byte[] key, Kind kind) {
            Difference difference = new Difference(kind, database, key);
            List<Difference> list = suspects.computeIfAbsent(database, db -> new ArrayList<>());
            if (list.size() < SUSPECTS) {
                list.add(difference);
            } else {
                different(difference);
            }
        }
    }

    private void recheck(DatabaseComparison databases, Map<Integer, List<Difference>> suspects) {
        for (int round = 0; round < options.rounds() && !suspects.isEmpty(); round++) {
            try {
                Thread.sleep(options.pause().toMillis());
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                return;
            }
            Map<Integer, List<Difference>> before = new TreeMap<>(suspects);
            suspects.clear();
            before.forEach((database, list) -> {
                select(databases, database);
                Suspects found = new Suspects(database, suspects);
                for (int i = 0; i < list.size(); i += RECHECK_PAGE) {
                    List<byte[]> keys = new ArrayList<>();
                    list.subList(i, Math.min(i + RECHECK_PAGE, list.size()))
                            .forEach(difference -> keys.add(difference.key()));
                    databases.examine(keys, found);
                }
            });
        }
    }

    private void select(DatabaseComparison databases, int database) {
        databases.select(database, options.targetDatabase() == null ? database : options.targetDatabase());
    }

    private Iterable<Integer> databases(ServerPair servers) {
        if (options.sourceDatabase() != null) {
            return List.of(options.sourceDatabase());
        }
        TreeSet<Integer> all =
                new TreeSet<>(ServerInfo.of(servers.source, "keyspace").keys().keySet());
        all.addAll(ServerInfo.of(servers.target, "keyspace").keys().keySet());
        return all;
    }

    private void compareFunctions(ServerPair servers) {
        if (!servers.bothKnow("FUNCTION", "LIST")) {
            return;
        }
        ServerPair.Replies replies = servers.call(bytes("FUNCTION"), bytes("LIST"), bytes("WITHCODE"));
        if (ValueComparison.isError(replies)) {
            return;
        }
        Map<String, String> atSource = FunctionLibraries.codeByName(replies.source());
        Map<String, String> atTarget = FunctionLibraries.codeByName(replies.target());
        TreeSet<String> names = new TreeSet<>(atSource.keySet());
        names.addAll(atTarget.keySet());
        for (String name : names) {
            if (!Objects.equals(atSource.get(name), atTarget.get(name))) {
                different(new Difference(Kind.FUNCTION, 0, bytes(name)));
            }
        }
    }

    private void count(long keys) {
        compared += keys;
        progress.accept(compared);
    }

    private void different(Difference difference) {
        counts.merge(difference.kind(), 1L, Long::sum);
        if (examples.size() < options.examples()) {
            examples.add(difference);
        }
    }
}
