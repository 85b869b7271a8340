package io.rediscdc.benchmarks.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.benchmarks.load.Dataset;
import io.rediscdc.benchmarks.load.Traffic;
import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.benchmarks.measure.Measurement;
import io.rediscdc.benchmarks.tool.NativeReplica;
import io.rediscdc.benchmarks.tool.Peer;
import io.rediscdc.benchmarks.tool.Tool;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Small measurements between real servers, by REPLICAOF and by scripts that stand for other tools. */
class RunsTest {

    /** What REPLICAOF does, as a peer's script. Bash speaks TCP by itself. */
    private static final String COMMON =
            """
            #!/usr/bin/env bash
            source="${1#redis://}"; target="${2#redis://}"
            exec 3<>"/dev/tcp/${target%:*}/${target#*:}"
            say() { printf '%s\\r\\n' "$1" >&3; read -r reply <&3; }
            """;

    private static final String ATTACH =
            """
            say "REPLICAOF ${source%:*} ${source#*:}"
            exec 4<>"/dev/tcp/${source%:*}/${source#*:}"
            printf 'WAIT 1 20000\\r\\n' >&4
            read -r online <&4
            """;
    private static final String DETACH = "say 'REPLICAOF NO ONE'\n";

    @TempDir
    private Path peers;

    private final List<String> log = new ArrayList<>();
    private final Runs runs = new Runs(1, 1, log::add);

    @Test
    void snapshotsOfAllTools() throws IOException {
        script("attaching", "snapshot", COMMON + ATTACH + DETACH);

        Runs twice = new Runs(1, 2, log::add);

        List<Measurement> measurements = twice.of(new SnapshotScenario(Dataset.MIXED, 600), tools());

        assertThat(twice.failures()).isEmpty();
        assertThat(measurements)
                .extracting(Measurement::tool)
                .containsExactly("REPLICAOF", "attaching", "REPLICAOF", "attaching");
        assertThat(log).hasSize(4).first().asString().contains("REPLICAOF, run 1/2");
        assertThat(measurements).allSatisfy(measurement -> {
            assertThat(measurement.scenario()).isEqualTo("snapshot-mixed");
            assertThat(measurement.figures().get(Figure.CHANGES_PER_SECOND)).isPositive();
            assertThat(measurement.figures().get(Figure.TARGET_IN)).isBetween(50.0, 500.0);
        });
        assertThat(measurements.get(1).figures().get(Figure.CPU_TOOL)).isNotNegative();
    }

    @Test
    void aToolThatCopiesNothingIsNotMeasured() throws IOException {
        script("idle", "snapshot", "#!/bin/sh\nexit 0\n");
        script("refusing", "snapshot", "#!/bin/sh\nexit 3\n");

        List<Measurement> measurements = runs.of(new SnapshotScenario(Dataset.STRINGS, 100), tools());

        assertThat(measurements).extracting(Measurement::tool).containsExactly("REPLICAOF");
        assertThat(runs.failures())
                .hasSize(2)
                .anyMatch(failure -> failure.contains("idle: source and target differ"))
                .anyMatch(failure -> failure.contains("refusing snapshot: exit code 3"));
    }

    @Test
    void latenciesAtAFixedRate() throws IOException {
        script(
                "attaching",
                "live",
                COMMON + "trap \"say 'REPLICAOF NO ONE'; exit 0\" INT\n" + ATTACH + "while true; do sleep 0.1; done\n");

        List<Measurement> measurements = runs.of(new LiveScenario(Traffic.MIX, 2000, 0, 0.5), tools());

        assertThat(runs.failures()).isEmpty();
        assertThat(measurements).hasSize(2).allSatisfy(measurement -> {
            assertThat(measurement.scenario()).isEqualTo("live-mix-2000");
            assertThat(measurement.figures().get(Figure.P50_MS)).isPositive();
            assertThat(measurement.figures().get(Figure.P999_MS))
                    .isGreaterThanOrEqualTo(measurement.figures().get(Figure.P50_MS));
        });
    }

    @Test
    void fullSpeedCountsUntilTheLastChangeHasArrived() {
        List<Measurement> measurements =
                runs.of(new LiveScenario(Traffic.SETS, 0, 10_000, 0), List.of(new NativeReplica()));

        assertThat(runs.failures()).isEmpty();
        assertThat(measurements).hasSize(1).allSatisfy(measurement -> {
            assertThat(measurement.figures().get(Figure.CHANGES_PER_SECOND)).isPositive();
            // *3 $3 SET $N key:N $100 and the value, at least
            assertThat(measurement.figures().get(Figure.SOURCE_OUT)).isBetween(130.0, 150.0);
        });
    }

    private List<Tool> tools() {
        List<Tool> tools = new ArrayList<>(List.of(new NativeReplica()));
        Peer.in(peers).forEach(scripts -> tools.add(new Peer(scripts)));
        return tools;
    }

    private void script(String peer, String name, String text) throws IOException {
        Path script = Files.createDirectories(peers.resolve(peer)).resolve(name);
        Files.writeString(script, text);
        Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    }
}
