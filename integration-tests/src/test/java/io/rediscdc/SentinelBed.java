package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.rediscdc.standalone.process.RedisServer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.stream.Collectors;

/** Three sentinels, quorum two, and the groups of a master and a replica that they watch; ends with the test. */
final class SentinelBed implements AutoCloseable {

    static final Duration PATIENCE = Duration.ofSeconds(40);
    private static final int SENTINELS = 3;

    /** A master and its replica, which change places. */
    final class Group {

        final String name;
        final RedisServer first;
        final RedisServer second;

        private Group(String name) {
            this.name = name;
            first = RedisServer.running("--repl-diskless-sync-delay", "0");
            second = RedisServer.running(
                    "--repl-diskless-sync-delay", "0", "--replicaof", "127.0.0.1", "" + first.port());
        }

        /** Waits until the second is in step with the first. */
        private void awaitReplica() {
            try (RedisClientOf replica = new RedisClientOf(second)) {
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(replica.info("replication", "master_link_status"))
                                .isEqualTo("up"));
            }
        }

        /** Waits until every sentinel has this master, and this one replica that is up. */
        void awaitMaster(RedisServer master, RedisServer replica) {
            for (RedisClientOf sentinel : clients) {
                await().atMost(PATIENCE).untilAsserted(() -> {
                    assertThat(sentinel.text("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name))
                            .isEqualTo("[127.0.0.1, " + master.port() + "]");
                    String replicas = sentinel.text("SENTINEL", "REPLICAS", name);
                    assertThat(replicas).contains("name, " + replica.address() + ",");
                    assertThat(replicas).doesNotContain("s_down").contains("master-link-status, ok");
                });
            }
        }

        /** Waits until every sentinel has it as master, and it knows so itself. */
        void awaitMasterIs(RedisServer master) {
            for (RedisClientOf sentinel : clients) {
                await().atMost(PATIENCE)
                        .untilAsserted(() -> assertThat(sentinel.text("SENTINEL", "GET-MASTER-ADDR-BY-NAME", name))
                                .isEqualTo("[127.0.0.1, " + master.port() + "]"));
            }
        }

        /** The names of the replicas that any sentinel lists. */
        List<String> listed() {
            List<String> names = new ArrayList<>();
            for (RedisClientOf sentinel : clients) {
                for (Object replica : (List<?>) sentinel.call("SENTINEL", "REPLICAS", name)) {
                    names.add(RedisClientOf.textOf(((List<?>) replica).get(1)));
                }
            }
            return names.stream().distinct().toList();
        }
    }

    private final List<Group> groups = new ArrayList<>();
    private final List<RedisServer> sentinels = new ArrayList<>();
    private final List<RedisClientOf> clients = new ArrayList<>();

    SentinelBed(String... names) {
        List<String> options = new ArrayList<>(List.of("--sentinel"));
        for (String name : names) {
            Group group = new Group(name);
            groups.add(group);
            Collections.addAll(options, "--sentinel monitor", name, "127.0.0.1", "" + group.first.port(), "2");
            Collections.addAll(options, "--sentinel down-after-milliseconds", name, "2000");
            Collections.addAll(options, "--sentinel failover-timeout", name, "6000");
        }
        groups.forEach(Group::awaitReplica);
        for (int i = 0; i < SENTINELS; i++) {
            RedisServer sentinel = RedisServer.running(options.toArray(String[]::new));
            sentinels.add(sentinel);
            RedisClientOf client = new RedisClientOf(sentinel);
            clients.add(client);
            hurry(client);
        }
        for (Group group : groups) {
            group.awaitMaster(group.first, group.second);
            for (RedisClientOf client : clients) {
                await().atMost(PATIENCE).untilAsserted(() -> assertThat(client.text("SENTINEL", "MASTER", group.name))
                        .contains("num-other-sentinels, " + (SENTINELS - 1)));
            }
        }
    }

    /** Has it ask, and tell the others what it has found, more often: every 10, 1 and 2 s by default. */
    private static void hurry(RedisClientOf sentinel) {
        sentinel.call("SENTINEL", "DEBUG", "INFO-PERIOD", "1000", "ASK-PERIOD", "300", "PUBLISH-PERIOD", "500");
    }

    Group group(String name) {
        return groups.stream()
                .filter(group -> group.name.equals(name))
                .findFirst()
                .orElseThrow();
    }

    /** As redis.sentinel.nodes wants them. */
    String nodes() {
        return sentinels.stream().map(RedisServer::address).collect(Collectors.joining(","));
    }

    /** From the one group to the other. */
    Flow flow(String name, Group from, Group to) {
        Flow flow = new Flow(name, from.first, to.first);
        flow.sourceConfig().remove("redis.address");
        flow.sinkConfig().remove("redis.address");
        return flow.with("redis.sentinel.nodes", nodes())
                .withSource("redis.sentinel.master", from.name)
                .withSink("redis.sentinel.master", to.name);
    }

    /** What the sentinels have written, all together. */
    String logs() {
        StringBuilder logs = new StringBuilder();
        for (RedisServer sentinel : sentinels) {
            try {
                logs.append(Files.readString(sentinel.log()));
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
        return logs.toString();
    }

    /** Stops a server's clock, as a long pause of its machine does. */
    static void pause(RedisServer server) {
        signal("-STOP", server);
    }

    static void wake(RedisServer server) {
        signal("-CONT", server);
    }

    private static void signal(String signal, RedisServer server) {
        try {
            int exit = new ProcessBuilder("kill", signal, Long.toString(server.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            assertThat(exit).isZero();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void close() {
        clients.forEach(RedisClientOf::close);
        sentinels.forEach(RedisServer::kill);
        sentinels.forEach(RedisServer::close);
        for (Group group : groups) {
            for (RedisServer server : List.of(group.first, group.second)) {
                server.kill();
                server.close();
            }
        }
    }
}
