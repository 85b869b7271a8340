package io.rediscdc.chaos;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.LocalPorts;
import io.rediscdc.standalone.process.RedisBinary;
import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisConnectionException;
import io.rediscdc.standalone.redis.RedisErrorException;
import io.rediscdc.standalone.redis.RedisUri;
import io.rediscdc.standalone.redis.ServerInfo;
import java.io.Closeable;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A master and its replica, each behind a proxy for the source connector; the replica reads its master through one, too. */
final class SourceShard implements Closeable {

    private static final Duration PATIENCE = Duration.ofMinutes(2);

    /** One of the two, whatever its part at the moment. */
    private static final class Node {
        private final Path directory;
        private final int port = LocalPorts.free();
        private final ChaosProxy front;
        private RedisServer server;

        Node(Path directory) throws IOException {
            this.directory = directory;
            this.front = new ChaosProxy(port);
        }

        void start(String... more) {
            List<String> options = new ArrayList<>(List.of(
                    "--repl-backlog-size",
                    "256mb",
                    "--repl-backlog-ttl",
                    "0",
                    "--repl-diskless-sync-delay",
                    "0",
                    "--repl-ping-replica-period",
                    "1"));
            options.addAll(List.of(more));
            server = RedisServer.running(RedisBinary.find(), directory, port, options);
        }

        RedisUri uri() {
            return RedisUri.parse("redis://127.0.0.1:" + port);
        }

        ServerInfo info(String section) {
            try (RedisConnection connection = RedisConnection.open(uri())) {
                return ServerInfo.of(connection, section);
            }
        }

        /** Whether the source connector is attached to it. */
        boolean isRead() {
            ServerInfo info = info("replication");
            for (int i = 0; i < info.number("connected_slaves"); i++) {
                if (info.text("slave" + i).contains("port=70000,state=online")) {
                    return true;
                }
            }
            return false;
        }
    }

    /**
     * A replica has become master.
     *
     * @param formerReplid of the history that it has continued
     * @param end offset up to which it has that history
     */
    private record Promotion(String formerReplid, long end) {}

    private final List<Promotion> promotions = new ArrayList<>();
    private final ChaosProxy link;
    private final String address;
    private volatile Node master;
    private Node replica;
    private long redisResyncs;

    SourceShard(Path directory) throws IOException {
        master = new Node(directory.resolve("source-a"));
        replica = new Node(directory.resolve("source-b"));
        link = new ChaosProxy(master.port);
        address = master.front.address() + "," + replica.front.address();
        master.start();
        startReplica();
    }

    /** What the source connector is given. */
    String address() {
        return address;
    }

    /** The present master, for whoever writes. */
    RedisUri master() {
        return master.uri();
    }

    /** Full synchronisations between the two, which are Redis' own affair. */
    long redisResyncs() {
        return redisResyncs;
    }

    int promotions() {
        return promotions.size();
    }

    /** Whether a promotion made undone what is at that offset of a history. */
    boolean lost(String replid, long offset) {
        return promotions.stream()
                .anyMatch(promotion -> promotion.formerReplid().equals(replid) && offset > promotion.end());
    }

    /** Ends the source connector's connections. */
    void cut() {
        master.front.cut();
        replica.front.cut();
    }

    void mute() {
        master.front.mute();
        replica.front.mute();
    }

    void unmute() {
        master.front.unmute();
        replica.front.unmute();
    }

    /** Waits until the replica has all that the master has said by now. */
    void awaitReplica() {
        long wanted = master.info("replication").number("master_repl_offset");
        patiently(() -> {
            ServerInfo info = replica.info("replication");
            assertThat(info.text("master_link_status")).isEqualTo("up");
            assertThat(info.number("slave_repl_offset")).isGreaterThanOrEqualTo(wanted);
        });
    }

    /** Has the source connector read from the master, and the replica fall behind from now on. */
    void leaveReplicaBehind() {
        replica.front.refuse(true);
        replica.front.cut();
        patiently(() -> assertThat(master.isRead()).isTrue());
        link.mute();
    }

    /** kill -9 of the master. */
    void killMaster() {
        master.server.kill();
        link.cut();
        link.unmute();
    }

    /** Makes the replica the master, after {@link #killMaster()}, and the dead one its replica. */
    void promoteReplica() {
        Node promoted = replica;
        try (RedisConnection connection = RedisConnection.open(promoted.uri())) {
            connection.call("REPLICAOF", "NO", "ONE");
            ServerInfo info = ServerInfo.of(connection, "replication");
            promotions.add(new Promotion(info.text("master_replid2"), info.number("second_repl_offset") - 1));
        }
        replica = master;
        master = promoted;
        promoted.front.refuse(false);
        link.leadTo(promoted.port);
        startReplica();
    }

    /** kill -9 of the replica, which starts again with nothing. */
    void restartReplica() {
        replica.server.kill();
        startReplica();
    }

    private void startReplica() {
        replica.start("--replicaof", "127.0.0.1", "" + link.port());
        redisResyncs++;
    }

    private static void patiently(org.awaitility.core.ThrowingRunnable assertion) {
        await().atMost(PATIENCE)
                .pollInterval(Duration.ofMillis(20))
                .ignoreExceptionsMatching(
                        e -> e instanceof RedisConnectionException || e instanceof RedisErrorException)
                .untilAsserted(assertion);
    }

    @Override
    public void close() throws IOException {
        for (Node node : List.of(master, replica)) {
            node.front.close();
            node.server.close();
        }
        link.close();
    }
}
