package io.rediscdc.standalone.process;

import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * A distributed Connect worker in a JVM of its own, with the distribution's plugins, our converter and exactly-once
 * source support; its REST interface is on 127.0.0.1. Its state is in Kafka, so that another worker started against the
 * same broker goes on with the same connectors.
 */
public final class ConnectWorker extends ServerProcess {

    public static final String DEFAULT_HEAP = "512m";
    /** Environment variables that connector configs may refer to, as in <code>${env:REDIS_CDC_X}</code>. */
    public static final String ENVIRONMENT_PREFIX = "REDIS_CDC_";

    private static final Duration START = Duration.ofMinutes(2);
    private static final Duration STOP = Duration.ofSeconds(30);

    private final HttpClient http = HttpClient.newBuilder()
            .version(HttpClient.Version.HTTP_1_1)
            .connectTimeout(Duration.ofSeconds(2))
            .build();
    private final Home home;
    private final Path directory;
    private final String bootstrap;
    private final int port = LocalPorts.free();
    private final Map<String, String> overrides;
    private final Map<String, String> environment;
    private final JavaServer server;

    /** A worker that is not started yet. */
    public ConnectWorker(Home home, Path directory, String bootstrap) {
        this(home, directory, bootstrap, DEFAULT_HEAP, Map.of(), Map.of());
    }

    /**
     * A worker that is not started yet.
     *
     * @param directory for configuration and log
     * @param bootstrap the broker's address
     * @param heap as in -Xmx
     * @param overrides worker properties that replace ours
     * @param environment variables for the worker; those named {@value #ENVIRONMENT_PREFIX}… can be referred to in
     *     connector configs, which keeps secrets out of Kafka and of REST answers
     */
    public ConnectWorker(
            Home home,
            Path directory,
            String bootstrap,
            String heap,
            Map<String, String> overrides,
            Map<String, String> environment) {
        super(STOP);
        this.home = home;
        this.directory = directory.toAbsolutePath();
        this.bootstrap = bootstrap;
        this.overrides = Map.copyOf(overrides);
        this.environment = Map.copyOf(environment);
        this.server = new JavaServer(
                "worker",
                home,
                this.directory,
                "org.apache.kafka.connect.cli.ConnectDistributed",
                List.of("-Xmx" + heap, "-XX:+ExitOnOutOfMemoryError"));
    }

    /** A worker that is ready for connectors. */
    public static ConnectWorker running(Home home, Path directory, String bootstrap) {
        ConnectWorker worker = new ConnectWorker(home, directory, bootstrap);
        worker.start();
        return worker;
    }

    /** Starts it and waits until it is healthy. */
    @Override
    public void start() {
        launch();
        awaitReady();
    }

    /** Starts it without waiting (the broker may be starting, too); {@link #awaitReady()} must follow. */
    public void launch() {
        requireStopped("the worker");
        server.writeProperties(properties());
        started(server.start(environment));
    }

    public void awaitReady() {
        try {
            process().awaitReady(this::isHealthy, START);
        } catch (ProcessException e) {
            kill();
            throw e;
        }
    }

    /** Address of the REST interface. */
    public URI url() {
        return URI.create("http://127.0.0.1:" + port);
    }

    public ConnectRest rest() {
        return new ConnectRest(url());
    }

    public Path log() {
        return directory.resolve("worker.log");
    }

    /** GET /health: 200 only when the worker has joined its group and read its topics; the port opens long before. */
    private boolean isHealthy() {
        HttpRequest request = HttpRequest.newBuilder(url().resolve("/health"))
                .timeout(Duration.ofSeconds(10))
                .build();
        try {
            return http.send(request, HttpResponse.BodyHandlers.discarding()).statusCode() == 200;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProcessException("interrupted", e);
        }
    }

    private Map<String, String> properties() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("bootstrap.servers", bootstrap);
        all.put("group.id", "redis-cdc");
        all.put("listeners", url().toString());
        all.put("rest.advertised.host.name", "127.0.0.1");
        all.put("plugin.path", home.plugins().toString());
        all.put("plugin.discovery", "service_load");
        all.put("key.converter", "io.rediscdc.converter.ChangeConverter");
        all.put("value.converter", "io.rediscdc.converter.ChangeConverter");
        all.put("header.converter", "org.apache.kafka.connect.storage.StringConverter");
        all.put("config.storage.topic", "redis-cdc-connect-configs");
        all.put("config.storage.replication.factor", "1");
        all.put("offset.storage.topic", "redis-cdc-connect-offsets");
        all.put("offset.storage.replication.factor", "1");
        all.put("offset.storage.partitions", "1");
        all.put("status.storage.topic", "redis-cdc-connect-status");
        all.put("status.storage.replication.factor", "1");
        all.put("status.storage.partitions", "1");
        all.put("exactly.once.source.support", "enabled");
        all.put("connector.client.config.override.policy", "All");
        all.put("scheduled.rebalance.max.delay.ms", "0");
        all.put("offset.flush.interval.ms", "1000");
        all.put("task.shutdown.graceful.timeout.ms", "5000");
        all.put("config.providers", "env");
        all.put("config.providers.env.class", "org.apache.kafka.common.config.provider.EnvVarConfigProvider");
        all.put("config.providers.env.param.allowlist.pattern", "^" + ENVIRONMENT_PREFIX + ".*");
        all.putAll(overrides);
        return all;
    }
}
