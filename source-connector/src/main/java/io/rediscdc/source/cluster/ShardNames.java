package io.rediscdc.source.cluster;

import io.rediscdc.cluster.ClusterNode;
import io.rediscdc.cluster.ClusterShard;
import io.rediscdc.cluster.ClusterView;
import java.util.Arrays;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What the shards of a cluster are called here: by the node id that the master had when the shard was first read. A name
 * goes with the shard's history: after a failover it is that of the shard whose master was its replica. (A shard's own id
 * exists from Redis 7.2 on only.) Thread-safe.
 *
 * <p>A shard stays known while its master is one, even if it has given all its slots away: there may be something left to
 * read of it.
 */
public final class ShardNames {

    /** A shard as it was seen last. */
    private record Known(String master, Set<String> members) {

        static Known of(ClusterShard shard) {
            return new Known(
                    shard.master().id(),
                    shard.members().stream().map(ClusterNode::id).collect(Collectors.toUnmodifiableSet()));
        }
    }

    private final Map<String, Known> known = new TreeMap<>();

    /** Reads what {@link #toString} wrote. */
    public static ShardNames parse(String text) {
        ShardNames names = new ShardNames();
        for (String shard : text.isEmpty() ? new String[0] : text.split(";", -1)) {
            int equals = shard.indexOf('=');
            List<String> members = Arrays.asList(shard.substring(equals + 1).split(",", -1));
            names.known.put(shard.substring(0, equals), new Known(members.get(0), Set.copyOf(members)));
        }
        return names;
    }

    /** Gives a shard a name that it had before. */
    public synchronized void remember(String name, ClusterShard shard) {
        known.put(name, Known.of(shard));
    }

    /** Which shard each name is, of those that are there now; new ones get names. */
    public synchronized Map<String, ClusterShard> match(ClusterView view) {
        Map<String, ClusterNode> masters = new LinkedHashMap<>();
        view.nodes().stream().filter(ClusterNode::isMaster).forEach(node -> masters.put(node.id(), node));
        Map<String, ClusterNode> found = new TreeMap<>();
        known.forEach((name, shard) -> {
            ClusterNode master = masters.get(shard.master());
            if (master != null && !master.slots().isEmpty()) {
                found.put(name, masters.remove(master.id()));
            }
        });
        findPromoted(masters, found);
        known.forEach((name, shard) -> {
            ClusterNode master = masters.get(shard.master());
            if (master != null && !master.failed() && !found.containsKey(name)) {
                found.put(name, masters.remove(master.id()));
            }
        });
        masters.values().stream()
                .filter(master -> !master.slots().isEmpty())
                .forEach(master -> found.put(newName(master.id(), found.keySet()), master));
        Map<String, ClusterShard> shards = new TreeMap<>();
        found.forEach((name, master) -> shards.put(name, view.shard(master)));
        shards.forEach(this::remember);
        return shards;
    }

    private void findPromoted(Map<String, ClusterNode> masters, Map<String, ClusterNode> found) {
        known.forEach((name, shard) -> {
            if (!found.containsKey(name)) {
                masters.values().stream()
                        .filter(node ->
                                !node.slots().isEmpty() && shard.members().contains(node.id()))
                        .findFirst()
                        .ifPresent(node -> found.put(name, masters.remove(node.id())));
            }
        });
    }

    /** A node whose name another shard has was that one's master before it came to this one. */
    private String newName(String id, Collection<String> taken) {
        String name = id;
        for (int i = 2; known.containsKey(name) || taken.contains(name); i++) {
            name = id + "." + i;
        }
        return name;
    }

    /** Whether a node was a member of the shard when that was seen last. */
    public synchronized boolean isMember(String name, String nodeId) {
        Known shard = known.get(name);
        return shard != null && shard.members().contains(nodeId);
    }

    /** All that is known: names with the ids of their nodes, the master's first. */
    @Override
    public synchronized String toString() {
        return known.entrySet().stream()
                .map(shard -> {
                    Set<String> ids = new LinkedHashSet<>();
                    ids.add(shard.getValue().master());
                    ids.addAll(shard.getValue().members().stream().sorted().toList());
                    return shard.getKey() + "=" + String.join(",", ids);
                })
                .collect(Collectors.joining(";"));
    }
}
