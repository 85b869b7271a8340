package io.rediscdc.cluster;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.slot.SlotRanges;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A cluster as one of its nodes sees it: what CLUSTER NODES says, which is the one description of a cluster that is the
 * same from 3.0 on (cluster.c, clusterGenNodeDescription). Immutable.
 *
 * @param nodes all that are known, also those that are down or own nothing; not those still shaking hands
 * @param saidBy the node
 */
public record ClusterView(List<ClusterNode> nodes, RedisAddress saidBy) {

    public ClusterView {
        nodes = List.copyOf(nodes);
    }

    /**
     * Reads the answer to CLUSTER NODES.
     *
     * @param asked whom: a node that has not learnt its own address leaves it out
     * @throws RedisCdcException PROTOCOL if it is none
     */
    public static ClusterView parse(String text, RedisAddress asked) {
        List<ClusterNode> nodes = new ArrayList<>();
        text.lines().filter(line -> !line.isBlank()).forEach(line -> {
            ClusterNode node = node(line, asked);
            if (node != null) {
                nodes.add(node);
            }
        });
        return new ClusterView(nodes, asked);
    }

    /** Null for one that is only shaking hands. */
    private static ClusterNode node(String line, RedisAddress asked) {
        String[] words = line.trim().split(" ", -1);
        if (words.length < 8) {
            throw bad("a line of " + words.length + " words", null);
        }
        Set<String> flags = Set.copyOf(Arrays.asList(words[2].split(",", -1)));
        if (flags.contains("handshake")) {
            return null;
        }
        Map<Integer, String> migrating = new HashMap<>();
        Map<Integer, String> importing = new HashMap<>();
        SlotRanges owned = SlotRanges.NONE;
        for (int i = 8; i < words.length; i++) {
            if (words[i].startsWith("[")) {
                moving(words[i], migrating, importing);
            } else {
                owned = owned.plus(SlotRanges.parse(words[i]));
            }
        }
        boolean replica = flags.contains("slave") || flags.contains("replica");
        return new ClusterNode(
                words[0],
                flags.contains("noaddr") ? null : address(words[1], flags.contains("myself") ? asked : null),
                replica ? words[3] : null,
                flags.contains("fail"),
                number(words[6]),
                owned,
                migrating,
                importing);
    }

    /**
     * {@code ip:port} (3.x), {@code ip:port@busport} (4.0), {@code ip:port@busport,hostname} (7.0),
     * {@code ip:port@busport,hostname,shard-id=...} (7.2). The address, as the nodes themselves use it; the name where there
     * is none.
     */
    private static RedisAddress address(String text, RedisAddress asked) {
        String[] parts = text.split(",", -1);
        int at = parts[0].indexOf('@');
        String pair = at < 0 ? parts[0] : parts[0].substring(0, at);
        int colon = pair.lastIndexOf(':');
        String host = colon < 0 ? "" : pair.substring(0, colon);
        if ((host.isEmpty() || host.equals("?")) && asked != null) {
            return asked;
        }
        if ((host.isEmpty() || host.equals("?")) && parts.length > 1) {
            host = parts[1];
        }
        int port = (int) number(pair.substring(colon + 1));
        return host.isEmpty() || port == 0 ? null : new RedisAddress(host, port);
    }

    /** {@code [slot->-id]} on its way to a node, {@code [slot-<-id]} from one. */
    private static void moving(String word, Map<Integer, String> migrating, Map<Integer, String> importing) {
        int to = word.indexOf("->-");
        int from = word.indexOf("-<-");
        int mark = Math.max(to, from);
        if (mark < 0 || !word.endsWith("]")) {
            throw bad("'" + word + "' for a slot that moves", null);
        }
        Map<Integer, String> moves = to >= 0 ? migrating : importing;
        moves.put((int) number(word.substring(1, mark)), word.substring(mark + 3, word.length() - 1));
    }

    private static long number(String text) {
        try {
            return Long.parseLong(text);
        } catch (NumberFormatException e) {
            throw bad("'" + text + "' where a number belongs", e);
        }
    }

    private static RedisCdcException bad(String what, Exception cause) {
        return new RedisCdcException(Category.PROTOCOL, "the answer to CLUSTER NODES has " + what, cause);
    }

    /** The masters that own slots, with their replicas, in the order of their first slots. */
    public List<ClusterShard> shards() {
        return nodes.stream()
                .filter(node -> node.isMaster() && !node.slots().isEmpty())
                .sorted(Comparator.comparing(
                        node -> node.slots().stream().findFirst().orElseThrow()))
                .map(this::shard)
                .toList();
    }

    /** A master with its replicas, whether it owns slots or not. */
    public ClusterShard shard(ClusterNode master) {
        return new ClusterShard(
                master,
                nodes.stream()
                        .filter(node -> master.id().equals(node.masterId()))
                        .toList());
    }

    /** The shard that owns a slot. */
    public Optional<ClusterShard> owner(int slot) {
        return shards().stream().filter(shard -> shard.slots().contains(slot)).findFirst();
    }

    /** The shard that one of these nodes belongs to, by node id. */
    public Optional<ClusterShard> shardOf(String nodeId) {
        return shards().stream()
                .filter(shard -> shard.member(nodeId).isPresent())
                .findFirst();
    }

    /** The slots that no master owns. */
    public SlotRanges uncovered() {
        SlotRanges covered = SlotRanges.NONE;
        for (ClusterNode node : nodes) {
            covered = covered.plus(node.slots());
        }
        return SlotRanges.ALL.minus(covered);
    }

    /** The greatest config epoch: grows with every failover, and with most moves of slots. */
    public long epoch() {
        return nodes.stream().mapToLong(ClusterNode::configEpoch).max().orElse(0);
    }
}
