package io.rediscdc.source.scan;

import io.rediscdc.format.resp.Reply;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every second for what no event tells of: how often the server has executed commands that concern all keys, whether
 * it has become a replica or loaded other data, whether somebody has turned notifications off. Not thread-safe.
 */
final class KeyspaceWatch {

    private static final Logger LOG = LoggerFactory.getLogger(KeyspaceWatch.class);
    private static final long INTERVAL_NANOS = TimeUnit.SECONDS.toNanos(1);
    private static final List<String> COMMANDS = List.of("cmdstat_flushall", "cmdstat_flushdb", "cmdstat_swapdb");
    private static final List<String> FACTS = List.of("role", "rdb_last_load_keys_loaded");
    private static final List<String> FACTS_OF_REPLICAS = List.of("master_replid", "master_host", "master_port");

    private final ScanLink link;
    private final ScanOptions options;
    private Map<String, String> before;
    private long lookAt;

    KeyspaceWatch(ScanLink link, ScanOptions options) {
        this.link = link;
        this.options = options;
    }

    /** Remembers how it is now. */
    void begin() {
        before = look();
        lookAt = System.nanoTime() + INTERVAL_NANOS;
        if (before.isEmpty()) {
            LOG.warn(
                    "{} does not let us look at INFO commandstats: FLUSHALL, FLUSHDB and SWAPDB cannot be seen there",
                    link.node());
        }
    }

    /** @throws ChangesMissedException if something has happened */
    void look(long now) {
        if (now - lookAt < 0) {
            return;
        }
        lookAt = now + INTERVAL_NANOS;
        Map<String, String> after = look();
        if (!after.equals(before)) {
            TreeMap<String, String> changed = new TreeMap<>(after);
            changed.entrySet().removeAll(before.entrySet());
            throw new ChangesMissedException("the keys of " + link.node() + " were changed by what no event tells of ("
                    + String.join(", ", changed.keySet()) + ")");
        }
        if (options.live().feed() == LiveOptions.Feed.KEYSPACE && !Notifications.areOn(link)) {
            throw new ChangesMissedException("notifications were turned off at " + link.node());
        }
    }

    private Map<String, String> look() {
        Map<String, String> found = new TreeMap<>();
        Reply commands = link.call("INFO", "commandstats");
        if (commands instanceof Reply.Bulk) {
            Map<String, String> stats = ServerFacts.fields(commands.text());
            for (String name : COMMANDS) {
                found.put(name, calls(stats.get(name)));
            }
        }
        Reply info = link.call("INFO");
        if (info instanceof Reply.Bulk) {
            Map<String, String> fields = ServerFacts.fields(info.text());
            FACTS.forEach(name -> found.put(name, fields.getOrDefault(name, "")));
            if ("slave".equals(fields.get("role"))) {
                // A master takes a new id when its first replica attaches.
                FACTS_OF_REPLICAS.forEach(name -> found.put(name, fields.getOrDefault(name, "")));
            }
        }
        return found;
    }

    /** Of {@code calls=1,usec=2,...}. */
    private static String calls(String stats) {
        return stats == null ? "calls=0" : stats.split(",", 2)[0];
    }
}
