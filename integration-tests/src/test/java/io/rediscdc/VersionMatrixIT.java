package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.lettuce.core.RedisCommandExecutionException;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.sink.RedisSinkConnector;
import io.rediscdc.source.RedisSourceConnector;
import io.rediscdc.standalone.process.RedisBinary;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.apache.kafka.common.config.Config;
import org.awaitility.core.ConditionTimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every server as source and every server as target: a snapshot of all types, some of it in pieces, and then commands. What
 * differs afterwards is what the target cannot hold or does not know, and nothing else. Which servers:
 * {@link ServerVersions}.
 */
class VersionMatrixIT {

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    /** Begins the names of keys that come by commands. */
    private static final String LIVE = "live";

    @TempDir
    private Path directory;

    private final List<VersionedServer> sources = new ArrayList<>();
    private final List<VersionedServer> targets = new ArrayList<>();

    @BeforeEach
    void start() throws Exception {
        List<RedisBinary> binaries = ServerVersions.all(directory);
        for (int i = 0; i < binaries.size(); i++) {
            sources.add(server(binaries.get(i), "source-" + i));
            targets.add(server(binaries.get(i), "target-" + i));
        }
    }

    private VersionedServer server(RedisBinary binary, String name) throws Exception {
        return new VersionedServer(binary, Files.createDirectory(directory.resolve(name)));
    }

    @AfterEach
    void stop() {
        sources.forEach(VersionedServer::close);
        targets.forEach(VersionedServer::close);
    }

    @Test
    void everyVersionToEveryOther() {
        for (VersionedServer source : sources) {
            replicate(source);
        }
    }

    @Test
    void everyVersionPassesValidation() {
        for (VersionedServer server : sources) {
            String address = server.server().address();
            assertThat(complaints(new RedisSourceConnector()
                            .validate(
                                    Map.of("name", "v", "topic.prefix", "v", "topic", "v", "redis.address", address))))
                    .as("source " + server)
                    .isEmpty();
            assertThat(complaints(new RedisSinkConnector()
                            .validate(Map.of("name", "v", "topics", "v", "redis.address", address))))
                    .as("target " + server)
                    .isEmpty();
        }
    }

    private static List<String> complaints(Config checked) {
        return checked.configValues().stream()
                .flatMap(value -> value.errorMessages().stream())
                .toList();
    }

    private void replicate(VersionedServer source) {
        new VersionMix(source, "saved").run();
        try (DirectFlow flow = new DirectFlow(source, Map.of("max.record.bytes", "4096"))) {
            List<DirectSink> sinks = new ArrayList<>();
            for (VersionedServer target : targets) {
                target.empty();
                DirectSink sink = new DirectSink(target, Map.of("target.exclusive", "true"));
                sinks.add(sink);
                flow.to(sink);
            }
            // The source has read its snapshot to the end before there is anything more.
            settle(flow, sinks, 0);
            VersionMix live = new VersionMix(source, LIVE);
            live.run();
            settle(flow, sinks, Long.parseLong(source.client().info("replication", "master_repl_offset")));
            Map<ChangeKey, VersionedServer.Held> wanted = source.held();
            assertThat(wanted.values().stream().map(VersionedServer.Held::type))
                    .contains("string", "list", "set", "zset", "hash");
            assertThat(wanted.values().stream().anyMatch(held -> held.type().equals("stream")))
                    .isEqualTo(source.abilities().streams());
            assertThat(flow.typesInPieces()).contains("set", "zset", "hash");
            // Before 7.0, the servers here pass scripts on, by what SCRIPT LOAD or the snapshot told of them.
            assertThat(flow.commandNames().contains("EVALSHA")).isNotEqualTo(source.isAtLeast(700));
            assertThat(wanted.keySet()).contains(new ChangeKey(0, "live-e:4".getBytes(StandardCharsets.UTF_8)));
            for (DirectSink sink : sinks) {
                compare(source, wanted, flow, sink);
            }
        }
    }

    private static void settle(DirectFlow flow, List<DirectSink> sinks, long offset) {
        try {
            await().atMost(PATIENCE).pollInterval(Duration.ofMillis(1)).until(() -> {
                flow.pump();
                sinks.forEach(sink -> assertThat(sink.target().server().isAlive())
                        .as("%s: %s", sink.target(), sink.target().server().log())
                        .isTrue());
                return flow.last().offset() >= offset && sinks.stream().allMatch(sink -> sink.isSettled(offset));
            });
        } catch (ConditionTimeoutException e) {
            throw new AssertionError(
                    "not at " + offset + ": the history is at " + flow.last() + ", of the sinks "
                            + sinks.stream()
                                    .filter(sink -> !sink.isSettled(offset))
                                    .toList(),
                    e);
        }
        // What the targets have, the sinks have not necessarily read the replies to.
        flow.pump();
    }

    private static void compare(
            VersionedServer source, Map<ChangeKey, VersionedServer.Held> wanted, DirectFlow flow, DirectSink sink) {
        VersionedServer target = sink.target();
        String pair = source + " to " + target;
        Losses losses = new Losses(source, target, flow.topic(), sink.refused());
        Map<ChangeKey, VersionedServer.Held> got = target.held();
        Set<ChangeKey> all = new HashSet<>(wanted.keySet());
        all.addAll(got.keySet());
        // Before 7.0 a server passes relative times on, and from when they count is known as well as when they came.
        long accuracyMs = source.isAtLeast(700) ? 1_000 : 10_000;
        int differing = 0;
        for (ChangeKey key : all) {
            if (losses.mayDiffer(key)) {
                differing++;
                continue;
            }
            VersionedServer.Held before = wanted.get(key);
            VersionedServer.Held after = got.get(key);
            if (before != null && losses.isLost(before)) {
                assertThat(after).as("%s %s", pair, name(key)).isNull();
                continue;
            }
            assertThat(after).as("%s %s", pair, name(key)).isNotNull();
            assertThat(before).as("%s %s", pair, name(key)).isNotNull();
            boolean live = name(key).contains(":" + LIVE);
            assertThat(losses.remaining(after.lines(), live))
                    .as("%s %s", pair, name(key))
                    .isEqualTo(losses.remaining(before.lines(), live));
            if (before.expireAtMs() < 0) {
                assertThat(after.expireAtMs()).as("%s %s", pair, name(key)).isEqualTo(-1);
            } else {
                assertThat(after.expireAtMs())
                        .as("%s %s", pair, name(key))
                        .isBetween(before.expireAtMs() - accuracyMs, before.expireAtMs() + accuracyMs);
            }
        }
        if (target.isAtLeast(700)) {
            assertThat(target.libraries()).containsExactlyInAnyOrderElementsOf(source.libraries());
        }
        assertThat(losses.refusedStates()).as(pair).isEqualTo(losses.expectedStates());
        losses.refusedCommands().forEach((place, change) -> assertRefused(pair, target, change));
        System.out.printf(
                "%s: %d keys equal, %d states curtailed, %d commands refused, by which %d keys differ: %s%n",
                pair,
                all.size() - differing,
                losses.refusedStates().size(),
                losses.refusedCommands().size(),
                differing,
                losses.commandNames());
    }

    /** Nothing is left out that the target would have taken. */
    private static void assertRefused(String pair, VersionedServer target, Change change) {
        String reply;
        try {
            reply = target.client().text((Object[]) change.command().args());
        } catch (RedisCommandExecutionException e) {
            reply = e.getMessage();
        }
        assertThat(reply)
                .as("%s: %s", pair, Losses.name(change))
                .matches("(?is).*(unknown (sub)?command|wrong number of arguments|syntax error|not a valid float).*");
    }

    private static String name(ChangeKey key) {
        return key.db() + ":" + new String(key.key(), StandardCharsets.UTF_8);
    }
}
