package io.rediscdc.standalone.replicate;

import io.rediscdc.standalone.compare.ComparisonOptions;
import io.rediscdc.standalone.compare.ComparisonResult;
import io.rediscdc.standalone.compare.RedisComparison;
import io.rediscdc.standalone.demo.LiveWriter;
import io.rediscdc.standalone.demo.SampleData;
import io.rediscdc.standalone.process.Directories;
import io.rediscdc.standalone.process.Home;
import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisUri;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Locale;
import java.util.UUID;
import java.util.function.Consumer;

/** What {@code redis-cdc replicate} does, from the first look at the servers to the last line. */
public final class ReplicationRun {

    /** How long it goes on. */
    public enum Mode {
        SNAPSHOT,
        LIVE;

        /** As people write it. */
        @Override
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    /**
     * How to replicate.
     *
     * @param directory of the broker's data; null for the default
     * @param workerHeap as in -Xmx
     * @param historyHours how long the broker keeps changes
     * @param allowNonempty whether the target may hold keys at the start
     */
    public record Settings(Mode mode, Path directory, String workerHeap, int historyHours, boolean allowNonempty) {}

    private static final ComparisonOptions COMPARISON = ComparisonOptions.DEFAULT.withRounds(10);

    private final Settings settings;
    private final StopSignal stop;
    private final Progress progress;
    private final Consumer<String> results;

    /**
     * @param stop what ends it early
     * @param progress of the moment
     * @param results gets the lines that stay
     */
    public ReplicationRun(Settings settings, StopSignal stop, Progress progress, Consumer<String> results) {
        this.settings = settings;
        this.stop = stop;
        this.progress = progress;
        this.results = line -> {
            progress.pause();
            results.accept(line);
        };
    }

    /** Replicates between two servers of our own, one of which is being written to. */
    public boolean demonstrate() {
        try (RedisServer sourceServer = RedisServer.running("--repl-diskless-sync-delay", "0");
                RedisServer targetServer = RedisServer.running()) {
            RedisUri source = RedisUri.parse(sourceServer.uri());
            RedisUri target = RedisUri.parse(targetServer.uri());
            try (RedisConnection connection = RedisConnection.open(source)) {
                SampleData.fill(connection);
            }
            progress.note(
                    "source " + source + " with sample data and an application that writes to it; target " + target);
            try (LiveWriter writer = new LiveWriter(source)) {
                return run(source, target, writer);
            }
        }
    }

    /** Replicates between two given servers. True if all went well. */
    public boolean replicate(RedisUri source, RedisUri target) {
        return run(source, target, null);
    }

    private boolean run(RedisUri sourceUri, RedisUri targetUri, LiveWriter writer) {
        try (Endpoint source = Endpoint.open("source", sourceUri);
                Endpoint target = Endpoint.open("target", targetUri)) {
            if (source.runId().equals(target.runId())) {
                throw new UsageException("source and target are the same server");
            }
            if (target.isReplica()) {
                throw new UsageException(target + " is a replica of another server and cannot be written to");
            }
            if (settings.mode() == Mode.SNAPSHOT) {
                return snapshot(source, target, writer);
            }
            if (writer == null) {
                return live(source, target, stateDirectory(source, target));
            }
            // Servers of our own will not be there again: nothing to keep.
            Path directory = temporaryDirectory();
            try {
                return live(source, target, directory);
            } finally {
                Directories.delete(directory);
            }
        }
    }

    private boolean snapshot(Endpoint source, Endpoint target, LiveWriter writer) {
        FlowConfig config = config("once-" + UUID.randomUUID(), source, target);
        requireEmpty(target, config.name());
        Path directory = temporaryDirectory();
        boolean keepLogs = true;
        try {
            ComparisonResult comparison;
            try (Replication replication = replication(directory, config, source, target)) {
                start(replication);
                comparison = copyAndCompare(replication, source, target, writer);
                replication.deleteFlow();
            }
            // Only now does no sink write it any more.
            target.removeReservedKeys(config.name());
            keepLogs = false;
            return comparison.isEqual();
        } catch (UsageException e) {
            keepLogs = false;
            throw e;
        } finally {
            clean(directory, keepLogs && !stop.isRequested());
            if (keepLogs) {
                target.removeReservedKeys(config.name());
            }
        }
    }

    private ComparisonResult copyAndCompare(
            Replication replication, Endpoint source, Endpoint target, LiveWriter writer) {
        long start = System.nanoTime();
        long keys = replication.awaitSnapshot();
        double seconds = (System.nanoTime() - start) / 1e9;
        results.accept(String.format(
                Locale.ROOT, "Snapshot: %,d keys in %.1f s (%,.0f keys/s)", keys, seconds, keys / seconds));
        String commands = "";
        if (writer != null) {
            writer.close();
            commands = String.format(Locale.ROOT, "%,d write commands since the start, ", writer.written());
        }
        long offset = source.replicationOffset();
        replication.awaitOffset(offset);
        results.accept(String.format(
                Locale.ROOT,
                "Changes: %scaught up with the source's offset %d after %.1f s",
                commands,
                offset,
                (System.nanoTime() - start) / 1e9));
        results.accept("CPU: " + replication.cpu());
        long total = source.keys();
        ComparisonResult comparison = RedisComparison.compare(
                source.uri(), target.uri(), COMPARISON, done -> progress.keys("compare", Math.min(done, total), total));
        results.accept("Comparison: " + comparison.summary());
        comparison.examples().forEach(difference -> results.accept("  " + difference));
        return comparison;
    }

    private static String flowName(Endpoint source, Endpoint target) {
        return fileName(source.uri()) + "-" + fileName(target.uri());
    }

    private Path stateDirectory(Endpoint source, Endpoint target) {
        return settings.directory() != null
                ? settings.directory()
                : Path.of(System.getProperty("user.home"), ".redis-cdc", "flows", flowName(source, target));
    }

    private boolean live(Endpoint source, Endpoint target, Path directory) {
        String name = flowName(source, target);
        FlowConfig config = config(name, source, target);
        Directories.create(directory);
        try (FileChannel channel =
                FileChannel.open(directory.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            lock(channel, directory);
            boolean isNew = !Files.exists(directory.resolve("data"));
            if (isNew) {
                requireEmpty(target, name);
                // Of a flow whose history has been deleted: it fits no other.
                target.removeReservedKeys(name);
            }
            progress.note("state in " + directory + (isNew ? "" : ", from an earlier start"));
            try (Replication replication = replication(directory, config, source, target)) {
                start(replication);
                results.accept("Replicating " + source.uri() + " to " + target.uri()
                        + "; Ctrl-C stops, the same command goes on");
                replication.runLive();
            }
            return true;
        } catch (IOException e) {
            throw new UsageException("--dir: " + directory + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** Until the channel is closed, or this program ends in whatever way. */
    private static void lock(FileChannel channel, Path directory) throws IOException {
        boolean free;
        try {
            free = channel.tryLock() != null;
        } catch (OverlappingFileLockException e) {
            free = false;
        }
        if (!free) {
            throw new UsageException("another redis-cdc runs this flow: " + directory + " is locked");
        }
    }

    private void start(Replication replication) {
        long start = System.nanoTime();
        progress.note("starting Kafka and Kafka Connect; log in " + replication.workerLog());
        replication.start();
        progress.note(String.format(Locale.ROOT, "ready after %.1f s", (System.nanoTime() - start) / 1e9));
    }

    private Replication replication(Path directory, FlowConfig config, Endpoint source, Endpoint target) {
        return new Replication(
                Home.fromSystemProperty(), directory, settings.workerHeap(), config, source, target, stop, progress);
    }

    private FlowConfig config(String name, Endpoint source, Endpoint target) {
        return new FlowConfig(name, source.uri(), target.uri(), settings.historyHours());
    }

    private void requireEmpty(Endpoint target, String flow) {
        if (settings.allowNonempty() || target.checkpoint(flow) != null) {
            return;
        }
        long keys = target.keys();
        if (keys > 0 && keys > target.reservedKeys(null).size()) {
            throw new UsageException(String.format(
                    Locale.ROOT,
                    "%s holds %,d keys already; empty it (FLUSHALL), or add --allow-nonempty to write into it",
                    target,
                    keys));
        }
    }

    private Path temporaryDirectory() {
        if (settings.directory() == null) {
            return Directories.temporary("redis-cdc");
        }
        try {
            return Files.createTempDirectory(Files.createDirectories(settings.directory()), "snapshot");
        } catch (IOException e) {
            throw new UsageException("--dir: " + settings.directory() + " cannot be used: " + e.getMessage(), e);
        }
    }

    /** After a failure the logs stay: they are small, and the only place that says more than the message. */
    private void clean(Path directory, boolean keepLogs) {
        Directories.delete(keepLogs ? directory.resolve("data") : directory);
        if (keepLogs) {
            progress.note("logs are kept in " + directory);
        }
    }

    private static String fileName(RedisUri uri) {
        return uri.address().replaceAll("[^A-Za-z0-9.]", "_");
    }
}
