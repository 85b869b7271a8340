package io.rediscdc.testing;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotTag;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * A Redis Cluster of servers of this machine. The first nodes are the masters, with equal shares of the slots in their
 * order; after them come the replicas, those of the first master first. All end with {@link #close}. Used by one thread;
 * clients of a test's own may write beside it.
 */
public final class RedisCluster implements AutoCloseable {

    private static final long PATIENCE_NANOS = TimeUnit.SECONDS.toNanos(30);
    private static final int LOOKS_BEFORE_TOLD_AGAIN = 200;

    private final List<RedisServer> nodes = new ArrayList<>();
    private final List<String> ids = new ArrayList<>();

    private final String executable;

    private RedisCluster(String executable) {
        this.executable = executable;
    }

    /**
     * Starts one.
     *
     * @param options of every server, such as {@code --repl-backlog-size 64mb}
     */
    public static RedisCluster start(int masters, int replicasEach, String... options)
            throws IOException, InterruptedException {
        return startOf("redis-server", masters, replicasEach, options);
    }

    /** Starts one of another build of redis-server or valkey-server. */
    public static RedisCluster startOf(String executable, int masters, int replicasEach, String... options)
            throws IOException, InterruptedException {
        RedisCluster cluster = new RedisCluster(executable);
        try {
            for (int i = 0; i < masters * (1 + replicasEach); i++) {
                cluster.launch(options);
            }
            for (int i = 0; i < masters; i++) {
                cluster.node(i)
                        .call(
                                "CLUSTER",
                                "ADDSLOTSRANGE",
                                Integer.toString(firstSlot(i, masters)),
                                Integer.toString(firstSlot(i + 1, masters) - 1));
            }
            cluster.meet();
            cluster.await(cluster::isWhole);
            for (int i = masters; i < cluster.nodes.size(); i++) {
                cluster.replicate(i, (i - masters) / replicasEach);
            }
            return cluster;
        } catch (IOException | InterruptedException | RuntimeException e) {
            cluster.close();
            throw e;
        }
    }

    /** Adds a master without slots and returns its number. */
    public int addMaster(String... options) throws IOException, InterruptedException {
        launch(options);
        meet();
        await(this::isWhole);
        return nodes.size() - 1;
    }

    /** Makes a node a replica of another one, and waits until it has the other's data and all know of it. */
    public void replicate(int replica, int master) throws InterruptedException {
        await(() -> !node(replica).call("CLUSTER", "REPLICATE", ids.get(master)).isFailure());
        await(() -> node(replica).call("INFO", "replication").text().contains("master_link_status:up"));
        // Who has not heard of it takes it, when it is promoted, for a shard that was never there.
        await(() -> IntStream.range(0, nodes.size())
                .filter(this::isAlive)
                .allMatch(node -> knowsReplica(node, replica, master)));
    }

    private boolean knowsReplica(int node, int replica, int master) {
        return node(node)
                .call("CLUSTER", "NODES")
                .text()
                .lines()
                .anyMatch(line -> line.startsWith(ids.get(replica)) && line.contains("slave " + ids.get(master)));
    }

    public RedisServer node(int number) {
        return nodes.get(number);
    }

    /** The id by which the nodes know that one. */
    public String id(int number) {
        return ids.get(number);
    }

    public int size() {
        return nodes.size();
    }

    /** Addresses of all nodes, comma-separated. */
    public String seeds() {
        return nodes.stream().map(RedisServer::address).collect(Collectors.joining(","));
    }

    /** Number of the node that serves a slot, as a living node sees it. */
    public int owner(int slot) {
        for (int i = 0; i < nodes.size(); i++) {
            if (isAlive(i) && ownsSlot(i, slot)) {
                return i;
            }
        }
        throw new IllegalStateException("nobody serves slot " + slot);
    }

    /** Sends a command to the owner of the slot of its first argument. */
    public Reply call(String... args) {
        return node(owner(Slot.of(args[1].getBytes(StandardCharsets.UTF_8)))).call(args);
    }

    /** Moves a slot with its keys as redis-cli --cluster reshard does. Does nothing if it is there. */
    public void move(int slot, int to) throws InterruptedException {
        int from = owner(slot);
        if (from == to) {
            return;
        }
        beginMove(slot, from, to);
        migrateKeys(slot, from, to);
        settle(slot, to);
    }

    /**
     * Moves slots of one master as a whole, as Valkey can from 9.0 on and Redis from 8.4 on; tries again where the servers could
     * not. Waits until all masters name the new one.
     */
    public void moveAtomically(int first, int last, int to) throws InterruptedException {
        int from = owner(first);
        AtomicInteger looks = new AtomicInteger();
        await(() -> {
            boolean moved = IntStream.range(0, nodes.size())
                    .filter(this::isAlive)
                    .filter(node -> !slots(node).isEmpty())
                    .allMatch(node -> names(node, first, to) && names(node, last, to));
            if (!moved && looks.getAndIncrement() % LOOKS_BEFORE_TOLD_AGAIN == 0) {
                beginAtomicMove(first, last, from, to); // refused while the same is going on
            }
            return moved;
        });
    }

    /** Begins to move slots as a whole. */
    public void beginAtomicMove(int first, int last, int from, int to) {
        String[] range = {Integer.toString(first), Integer.toString(last)};
        if (isValkey()) {
            node(from).call("CLUSTER", "MIGRATESLOTS", "SLOTSRANGE", range[0], range[1], "NODE", ids.get(to));
        } else {
            node(to).call("CLUSTER", "MIGRATION", "IMPORT", range[0], range[1]);
        }
    }

    /** Gives up what {@link #beginAtomicMove} has begun, if it is not over. */
    public void cancelAtomicMoves(int from, int to) {
        if (isValkey()) {
            node(from).call("CLUSTER", "CANCELSLOTMIGRATIONS");
        } else {
            node(to).call("CLUSTER", "MIGRATION", "CANCEL", "ALL");
        }
    }

    private boolean isValkey() {
        return node(0).call("INFO", "server").text().contains("valkey_version:");
    }

    /** Begins a move, of which no key has gone yet. */
    public void beginMove(int slot, int from, int to) {
        String number = Integer.toString(slot);
        expectOk(node(to).call("CLUSTER", "SETSLOT", number, "IMPORTING", ids.get(from)));
        expectOk(node(from).call("CLUSTER", "SETSLOT", number, "MIGRATING", ids.get(to)));
    }

    /**
     * Ends a move: tells all masters, the new one first, and waits until all nodes are of one epoch and each master names the
     * new one. Two that have the same epoch by chance may otherwise never agree whose the slot is; and who takes a slot without
     * knowing the others' epochs may lose it again to a message that was under way: then all are told once more, under an
     * epoch that is greater.
     */
    public void settle(int slot, int to) throws InterruptedException {
        List<Integer> masters = new ArrayList<>();
        for (int i = 0; i < nodes.size(); i++) {
            int node = (to + i) % nodes.size();
            if (isAlive(node)) {
                Reply reply = node(node).call("CLUSTER", "SETSLOT", Integer.toString(slot), "NODE", ids.get(to));
                // Replicas are not asked, and a master that has given its last slot away may be one by now.
                if (!reply.isFailure()) {
                    masters.add(node);
                } else if (!reply.text().contains("only with masters")) {
                    throw new IllegalStateException(reply.text());
                }
            }
        }
        await(() -> IntStream.range(0, nodes.size())
                        .filter(this::isAlive)
                        .mapToObj(this::currentEpoch)
                        .distinct()
                        .count()
                == 1);
        AtomicInteger looks = new AtomicInteger();
        await(() -> {
            if (looks.incrementAndGet() % LOOKS_BEFORE_TOLD_AGAIN == 0) {
                node(to).call("CLUSTER", "BUMPEPOCH");
                masters.forEach(
                        node -> node(node).call("CLUSTER", "SETSLOT", Integer.toString(slot), "NODE", ids.get(to)));
            }
            return masters.stream().allMatch(node -> names(node, slot, to));
        });
    }

    private boolean names(int number, int slot, int owner) {
        Reply reply = node(number).call("EXISTS", "{" + SlotTag.of(slot) + "}");
        return number == owner
                ? !reply.isFailure()
                : reply.isFailure() && reply.text().endsWith(":" + node(owner).port());
    }

    private String currentEpoch(int number) {
        return node(number)
                .call("CLUSTER", "INFO")
                .text()
                .lines()
                .filter(line -> line.startsWith("cluster_current_epoch"))
                .findFirst()
                .orElseThrow();
    }

    /** Moves the keys that a slot has now, in the middle of a move. */
    public void migrateKeys(int slot, int from, int to) {
        while (true) {
            Reply keys = node(from).call("CLUSTER", "GETKEYSINSLOT", Integer.toString(slot), "100");
            List<byte[]> args = new ArrayList<>(List.of(
                    ascii("MIGRATE"),
                    ascii("127.0.0.1"),
                    ascii(Integer.toString(node(to).port())),
                    ascii(""),
                    ascii("0"),
                    ascii("10000"),
                    ascii("REPLACE"),
                    ascii("KEYS")));
            List<Reply> found = ((Reply.Array) keys).elements();
            if (found.isEmpty()) {
                return;
            }
            found.forEach(key -> args.add(((Reply.Bulk) key).bytes()));
            node(from).call(args.toArray(byte[][]::new));
        }
    }

    /** Waits until every slot is served. */
    public void awaitWhole() throws InterruptedException {
        await(this::isWhole);
    }

    /** Waits until a replica has all that its master has executed so far: of what it lacks, nothing survives the master. */
    public void awaitReplica(int replica, int master) throws InterruptedException {
        long written = node(master).info("replication", "master_repl_offset").orElseThrow();
        await(() -> node(replica).info("replication", "slave_repl_offset").orElse(-1) >= written);
    }

    /** Kills a master and waits until one of its replicas serves its slots; returns the replica's number. */
    public int failOver(int master) throws InterruptedException {
        int slot = Integer.parseInt(slots(master).get(0).split("-", -1)[0]);
        node(master).kill();
        await(() -> {
            for (int i = 0; i < nodes.size(); i++) {
                if (i != master && isAlive(i) && ownsSlot(i, slot)) {
                    return true;
                }
            }
            return false;
        });
        await(this::isWhole);
        return owner(slot);
    }

    @Override
    public void close() throws IOException {
        for (RedisServer node : nodes) {
            node.close();
        }
    }

    private static int firstSlot(int master, int masters) {
        return Slot.COUNT * master / masters;
    }

    private void launch(String... options) throws IOException, InterruptedException {
        List<String> all = new ArrayList<>(List.of(
                "--cluster-enabled",
                "yes",
                "--cluster-node-timeout",
                "2000",
                "--repl-diskless-sync-delay",
                "0",
                "--enable-debug-command",
                "yes"));
        all.addAll(Arrays.asList(options));
        RedisServer server = new RedisServer(executable, all);
        nodes.add(server);
        ids.add(server.call("CLUSTER", "MYID").text());
        server.call("CLUSTER", "SET-CONFIG-EPOCH", Integer.toString(nodes.size()));
    }

    private void meet() {
        for (int i = 1; i < nodes.size(); i++) {
            if (isAlive(i)) {
                node(0).call("CLUSTER", "MEET", "127.0.0.1", Integer.toString(node(i).port()));
            }
        }
    }

    /** Whether all living nodes know each other and say that every slot is served. */
    private boolean isWhole() {
        for (int i = 0; i < nodes.size(); i++) {
            if (isAlive(i)) {
                String info = node(i).call("CLUSTER", "INFO").text();
                if (!info.contains("cluster_state:ok") || !info.contains("cluster_known_nodes:" + nodes.size())) {
                    return false;
                }
            }
        }
        return true;
    }

    private boolean isAlive(int number) {
        return node(number).isAlive();
    }

    private boolean ownsSlot(int number, int slot) {
        return slots(number).stream().anyMatch(range -> holds(range, slot));
    }

    /** The slots of a node, as it sees it: numbers and ranges. */
    private List<String> slots(int number) {
        for (String line : node(number).call("CLUSTER", "NODES").text().split("\n", -1)) {
            String[] words = line.split(" ", -1);
            if (words.length > 2 && words[2].contains("myself") && words[2].contains("master")) {
                return Stream.of(words)
                        .skip(8)
                        .filter(word -> !word.startsWith("["))
                        .toList();
            }
        }
        return List.of();
    }

    private static boolean holds(String range, int slot) {
        String[] ends = range.split("-", -1);
        return slot >= Integer.parseInt(ends[0]) && slot <= Integer.parseInt(ends[ends.length - 1]);
    }

    private void await(BooleanSupplier condition) throws InterruptedException {
        long start = System.nanoTime();
        while (!condition.getAsBoolean()) {
            if (System.nanoTime() - start > PATIENCE_NANOS) {
                throw new IllegalStateException("the cluster did not get there: "
                        + node(0).call("CLUSTER", "INFO").text());
            }
            Thread.sleep(10);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    private static void expectOk(Reply reply) {
        if (reply.isFailure()) {
            throw new IllegalStateException(reply.text());
        }
    }
}
