package io.rediscdc.standalone.process;

import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import kafka.tools.StorageTool;
import org.apache.kafka.common.Uuid;

/**
 * One Kafka node (KRaft, broker and controller in one) in a JVM of its own, on free ports of 127.0.0.1. Its data stay
 * in the given directory: started there again, it is the same cluster.
 */
public final class KafkaBroker extends ServerProcess {

    public static final String DEFAULT_HEAP = "384m";
    private static final Duration START = Duration.ofSeconds(90);
    private static final Duration STOP = Duration.ofSeconds(20);

    private final Path directory;
    private final int port = LocalPorts.free();
    private final int controllerPort = LocalPorts.free();
    private final Map<String, String> overrides;
    private final JavaServer server;

    /** A broker that is not started yet. */
    public KafkaBroker(Home home, Path directory) {
        this(home, directory, DEFAULT_HEAP, Map.of());
    }

    /** A broker that is not started yet and is to run for long: its code is compiled as that of other servers is. */
    public static KafkaBroker lasting(Home home, Path directory) {
        return new KafkaBroker(home, directory, DEFAULT_HEAP, Map.of(), List.of());
    }

    /**
     * A broker that is not started yet.
     *
     * @param directory for data, configuration and log
     * @param heap as in -Xmx
     * @param overrides broker properties that replace ours
     */
    public KafkaBroker(Home home, Path directory, String heap, Map<String, String> overrides) {
        // C1 alone and the serial collector: half the start time; a single flow costs a broker next to nothing.
        this(home, directory, heap, overrides, List.of("-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"));
    }

    private KafkaBroker(
            Home home, Path directory, String heap, Map<String, String> overrides, List<String> jvmOptions) {
        super(STOP);
        this.directory = directory.toAbsolutePath();
        this.overrides = Map.copyOf(overrides);
        List<String> options = new ArrayList<>(List.of("-Xmx" + heap, "-XX:+ExitOnOutOfMemoryError"));
        options.addAll(jvmOptions);
        this.server = new JavaServer("broker", home, this.directory, "kafka.Kafka", options);
    }

    /** A broker that answers. */
    public static KafkaBroker running(Home home, Path directory) {
        KafkaBroker broker = new KafkaBroker(home, directory);
        broker.start();
        return broker;
    }

    @Override
    public void start() {
        launch();
        awaitReady();
    }

    /** Starts it without waiting; {@link #awaitReady()} must follow. */
    public void launch() {
        requireStopped("the broker");
        server.writeProperties(properties());
        if (!Files.exists(data().resolve("meta.properties"))) {
            format();
        }
        started(server.start(Map.of()));
    }

    public void awaitReady() {
        try {
            process().awaitReady(() -> process().output().contains("Kafka Server started"), START);
        } catch (ProcessException e) {
            kill();
            throw e;
        }
    }

    /** What clients call bootstrap.servers. */
    public String bootstrap() {
        return "127.0.0.1:" + port;
    }

    public int port() {
        return port;
    }

    public Path log() {
        return directory.resolve("broker.log");
    }

    private Path data() {
        return directory.resolve("data");
    }

    private void format() {
        ByteArrayOutputStream said = new ByteArrayOutputStream();
        int exit = StorageTool.execute(
                new String[] {
                    "format",
                    "-t",
                    Uuid.randomUuid().toString(),
                    "-c",
                    server.propertiesFile().toString(),
                    // With version 2 (KIP-890) of Kafka 4.3.1 a commit was seen to find the last one complete already,
                    // and the worker's task died of InvalidTxnStateException.
                    "--feature",
                    "transaction.version=1"
                },
                new PrintStream(said, true, StandardCharsets.UTF_8));
        if (exit != 0) {
            throw new ProcessException("cannot prepare the broker's data directory " + data() + ": "
                    + said.toString(StandardCharsets.UTF_8).strip());
        }
    }

    private Map<String, String> properties() {
        Map<String, String> all = new LinkedHashMap<>();
        all.put("process.roles", "broker,controller");
        all.put("node.id", "1");
        // Static voters, since the ports change from one start to the next.
        all.put("controller.quorum.voters", "1@127.0.0.1:" + controllerPort);
        all.put("controller.listener.names", "CONTROLLER");
        all.put("inter.broker.listener.name", "PLAINTEXT");
        all.put("listener.security.protocol.map", "CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT");
        all.put("listeners", "PLAINTEXT://" + bootstrap() + ",CONTROLLER://127.0.0.1:" + controllerPort);
        all.put("advertised.listeners", "PLAINTEXT://" + bootstrap());
        all.put("log.dirs", data().toString());
        all.put("auto.create.topics.enable", "false");
        all.put("offsets.topic.num.partitions", "1");
        all.put("offsets.topic.replication.factor", "1");
        all.put("transaction.state.log.num.partitions", "1");
        all.put("transaction.state.log.replication.factor", "1");
        all.put("transaction.state.log.min.isr", "1");
        all.put("share.coordinator.state.topic.num.partitions", "1");
        all.put("share.coordinator.state.topic.replication.factor", "1");
        all.put("share.coordinator.state.topic.min.isr", "1");
        all.put("group.initial.rebalance.delay.ms", "0");
        // The default of 20 ms is what small transactions in a row would wait for.
        all.put("add.partitions.to.txn.retry.backoff.ms", "1");
        // The default of 128 MB is most of what an idle broker occupies.
        all.put("log.cleaner.dedupe.buffer.size", "4194304");
        all.putAll(overrides);
        return all;
    }
}
