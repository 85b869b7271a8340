package io.rediscdc.chaos;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.standalone.compare.ComparisonOptions;
import io.rediscdc.standalone.compare.ComparisonResult;
import io.rediscdc.standalone.compare.RedisComparison;
import io.rediscdc.standalone.process.Directories;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisUri;
import io.rediscdc.standalone.redis.ServerInfo;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.apache.kafka.common.utils.AppInfoParser;
import org.junit.jupiter.api.Test;

/** Whatever dies and whenever: nothing is lost, nothing is doubled, and nothing is copied anew without need. */
class ChaosIT {

    private final ChaosOptions options = ChaosOptions.fromSystemProperties();
    private final ChaosReport report = new ChaosReport();

    @Test
    void theTargetIsWhatTheSourceIs() throws IOException {
        long start = System.nanoTime();
        Path directory = Files.createTempDirectory("redis-cdc-chaos");
        System.out.println("Chaos with seed " + options.seed() + "; if it fails, data and logs are in " + directory);
        try (ChaosBed bed = new ChaosBed(directory)) {
            try (Writer writer = new Writer(bed.source()::master, options.seed())) {
                bed.startFlow();
                ChaosRun run = new ChaosRun(bed, writer, options, report);
                run.run();
                writer.stop();
                run.finish();
                report.figure("commands written", writer.commands());
            }
            describe(bed, start);
            compare(bed);
        }
        Directories.delete(directory);
    }

    private void describe(ChaosBed bed, long start) throws IOException {
        report.figure("faults", report.faults());
        report.figure("seed", options.seed());
        report.figure("minutes", TimeUnit.NANOSECONDS.toMinutes(System.nanoTime() - start));
        try (RedisConnection source = RedisConnection.open(bed.source().master())) {
            report.figure("Redis", ServerInfo.of(source, "server").text("redis_version"));
            report.figure("keys", ServerInfo.of(source, "keyspace").totalKeys());
        }
        report.figure("transactions that the restarted broker left open, aborted by hand", report.hanging());
        report.figure("Kafka", AppInfoParser.getVersion());
        report.figure("processors", Runtime.getRuntime().availableProcessors());
        report.figure(
                "full synchronisations between the source's own nodes",
                bed.source().redisResyncs());
    }

    private void compare(ChaosBed bed) throws IOException {
        RedisUri from = bed.source().master();
        TopicHistory history = TopicHistory.read(bed.broker().bootstrap());
        List<TopicHistory.Resync> unjustified = history.resyncs().stream()
                .filter(resync -> !bed.source().lost(resync.replid(), resync.offset()))
                .filter(resync -> !resync.afterBroken())
                .toList();
        bed.stopFlow();
        ComparisonResult comparison = RedisComparison.compare(from, bed.targetUri(), ComparisonOptions.DEFAULT);
        try (RedisConnection source = RedisConnection.open(from);
                RedisConnection target = RedisConnection.open(bed.targetUri())) {
            String digest = source.text("DEBUG", "DIGEST");
            String same = target.text("DEBUG", "DIGEST").equals(digest) ? "the same" : "NOT the same";
            report.figure("digest of source and target", same);
            report.figure("comparison", comparison.summary());
            report.figure("sum of the accounts, source and target", bed.sum(source) + ", " + bed.sum(target));
            report.figure("records in the topic", history.records());
            report.figure("of them said before, which the sink skips", history.duplicates());
            report.figure("records missing in the topic", history.gaps());
            report.figure(
                    "full resynchronisations because a promoted replica had not got what we had read",
                    history.resyncs().size() - unjustified.size());
            report.figure("full resynchronisations without need", unjustified.size());
            System.out.println(report);
            Files.writeString(Path.of("target", "chaos.md"), report.toString());

            assertThat(comparison.examples()).isEmpty();
            assertThat(same).isEqualTo("the same");
            assertThat(bed.sum(source)).isZero();
            assertThat(bed.sum(target)).isZero();
            assertThat(history.gaps()).isZero();
            assertThat(unjustified).isEmpty();
        }
    }
}
