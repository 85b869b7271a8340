package io.rediscdc.benchmarks.tool;

import io.rediscdc.benchmarks.floor.FloorSource;
import io.rediscdc.benchmarks.measure.Figure;
import io.rediscdc.benchmarks.measure.ProcessCost;
import io.rediscdc.standalone.process.ConnectRest;
import io.rediscdc.standalone.process.ConnectRestException;
import io.rediscdc.standalone.process.ConnectWorker;
import io.rediscdc.standalone.process.Directories;
import io.rediscdc.standalone.process.Home;
import io.rediscdc.standalone.process.KafkaBroker;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.ExecutionException;
import java.util.stream.Stream;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;

/** A broker and a worker of our own, as {@code bin/redis-cdc} starts them; the worker has the trivial connectors, too. */
public final class Platform implements AutoCloseable {

    private static final long POLL_MS = 20;

    private final Home home;
    private final Path directory = Directories.temporary("redis-cdc-benchmark");
    private final KafkaBroker broker;
    private final ConnectWorker worker;
    private final ConnectRest rest;

    /**
     * Started, and ready for connectors.
     *
     * @param lasting whether the broker is one as those that run for long, rather than one that starts fast
     * @param workerHeap as in -Xmx
     * @param workerOptions further options of the worker's JVM; may be empty
     * @param workerProperties replace those that the worker has by itself
     */
    public Platform(
            Home home, boolean lasting, String workerHeap, String workerOptions, Map<String, String> workerProperties) {
        this.home = home;
        broker = lasting ? KafkaBroker.lasting(home, directory) : new KafkaBroker(home, directory);
        Map<String, String> properties = new HashMap<>(workerProperties);
        properties.put("plugin.path", home.plugins() + "," + floorPlugin());
        worker = new ConnectWorker(
                home,
                directory,
                broker.bootstrap(),
                workerHeap,
                properties,
                workerOptions.isBlank() ? Map.of() : Map.of("JAVA_TOOL_OPTIONS", workerOptions));
        rest = worker.rest();
        try {
            broker.launch();
            worker.launch();
            broker.awaitReady();
            worker.awaitReady();
        } catch (RuntimeException e) {
            close();
            throw e;
        }
    }

    Home home() {
        return home;
    }

    String bootstrap() {
        return broker.bootstrap();
    }

    /** For files that connectors write. */
    Path directory() {
        return directory;
    }

    ConnectRest rest() {
        return rest;
    }

    /** @throws BenchmarkException if a connector or one of its tasks has failed */
    void requireRunning(List<String> connectors) {
        for (String connector : connectors) {
            String failure = rest.status(connector).failure();
            if (failure != null) {
                throw new BenchmarkException(connector + " failed: " + failure);
            }
        }
    }

    /** Ends connectors, one after the other, and waits until their tasks have ended; then forgets them. */
    void delete(List<String> connectors) {
        for (String connector : connectors) {
            try {
                rest.stop(connector);
                Patience.await(connector + " does not stop", POLL_MS, () -> rest.status(connector)
                        .tasks()
                        .isEmpty());
                rest.delete(connector);
            } catch (ConnectRestException e) {
                if (e.status() != 404) {
                    throw e;
                }
            }
        }
    }

    void deleteTopic(String topic) {
        Properties properties = new Properties();
        properties.put(AdminClientConfig.BOOTSTRAP_SERVERS_CONFIG, broker.bootstrap());
        try (Admin admin = Admin.create(properties)) {
            admin.deleteTopics(List.of(topic)).all().get();
        } catch (ExecutionException e) {
            throw new BenchmarkException("topic " + topic + " cannot be deleted: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new BenchmarkException("interrupted", e);
        }
    }

    /** Bytes of a topic's segments, as they are on disk. */
    long logBytes(String topic) {
        try (Stream<Path> files = Files.walk(directory.resolve("data"))) {
            long bytes = 0;
            for (Path file : files.filter(file -> isSegment(file, topic)).toList()) {
                bytes += Files.size(file);
            }
            return bytes;
        } catch (IOException e) {
            throw new BenchmarkException("the log of " + topic + " cannot be measured: " + e.getMessage(), e);
        }
    }

    private static boolean isSegment(Path file, String topic) {
        return file.getFileName().toString().endsWith(".log")
                && file.getParent().getFileName().toString().matches(topic + "-\\d+");
    }

    Map<Figure, Double> cpuSeconds() {
        return Map.of(
                Figure.CPU_WORKER, ProcessCost.cpuSeconds(worker.pid()),
                Figure.CPU_BROKER, ProcessCost.cpuSeconds(broker.pid()));
    }

    Map<Figure, Double> peakMb() {
        return Map.of(
                Figure.RSS_WORKER, ProcessCost.peakMb(worker.pid()),
                Figure.RSS_BROKER, ProcessCost.peakMb(broker.pid()));
    }

    /** A plugin directory with the jar that holds the trivial connectors, and nothing else. */
    private Path floorPlugin() {
        try {
            Path jar = Path.of(FloorSource.class
                    .getProtectionDomain()
                    .getCodeSource()
                    .getLocation()
                    .toURI());
            Path plugins = Files.createDirectories(directory.resolve("plugins"));
            Files.copy(jar, Files.createDirectories(plugins.resolve("floor")).resolve("floor.jar"));
            return plugins;
        } catch (IOException | URISyntaxException e) {
            throw new BenchmarkException("the trivial connectors cannot be installed: " + e.getMessage(), e);
        }
    }

    @Override
    public void close() {
        worker.close();
        broker.close();
        Directories.delete(directory);
    }
}
