package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.slot.Slot;
import io.rediscdc.testing.RedisCluster;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;

/** A load of commands that show when they are executed twice, or not at all, or not in their order; and what it comes to. */
final class Counters {

    private static final int NAMES = 100;

    private final Feed feed;
    private final Random random;
    private final Map<String, Long> counts = new TreeMap<>();
    private final Map<String, List<String>> lists = new TreeMap<>();
    private long number;
    private int asked;

    Counters(Feed feed, Random random) {
        this.feed = feed;
        this.random = random;
    }

    void add(int commands) {
        for (int i = 0; i < commands; i++) {
            String name = Integer.toString(random.nextInt(NAMES));
            if (random.nextBoolean()) {
                feed.command("INCR", "n:" + name);
                counts.merge("n:" + name, 1L, Long::sum);
            } else {
                String value = Long.toString(++number);
                feed.command("RPUSH", "l:" + name, value);
                lists.computeIfAbsent("l:" + name, key -> new ArrayList<>()).add(value);
            }
        }
    }

    /** One in which there may be keys of it; another one each time, for as long as possible. */
    int slot() {
        String key = (++asked % 2 == 0 ? "n:" : "l:") + asked / 2 % NAMES;
        return Slot.of(key.getBytes(StandardCharsets.US_ASCII));
    }

    int keys() {
        return counts.size() + lists.size();
    }

    void check(RedisCluster cluster) {
        Map<String, Long> countsFound = new TreeMap<>(Comparator.naturalOrder());
        counts.keySet()
                .forEach(key -> countsFound.put(
                        key, Long.valueOf(cluster.call("INCRBY", key, "0").text())));
        assertThat(countsFound).isEqualTo(counts);
        Map<String, List<String>> listsFound = new TreeMap<>();
        lists.keySet().forEach(key -> {
            Reply.Array all = (Reply.Array) cluster.call("LRANGE", key, "0", "-1");
            listsFound.put(key, all.elements().stream().map(Reply::text).toList());
        });
        assertThat(listsFound).isEqualTo(lists);
    }
}
