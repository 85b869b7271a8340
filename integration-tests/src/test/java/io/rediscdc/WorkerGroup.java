package io.rediscdc;

import io.rediscdc.standalone.process.ConnectRest;
import io.rediscdc.standalone.process.ConnectWorker;
import io.rediscdc.standalone.process.Home;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Workers of a group of their own on the shared broker: they can be killed and paused without harm to other flows. */
final class WorkerGroup implements AutoCloseable {

    private final List<ConnectWorker> workers = new ArrayList<>();

    /** All running. A dead member is noticed after 2 s. */
    WorkerGroup(String name, int size, Map<String, String> overrides) {
        String group = Platform.shared().newName(name);
        Map<String, String> properties = new HashMap<>();
        properties.put("group.id", group);
        properties.put("config.storage.topic", group + "-configs");
        properties.put("offset.storage.topic", group + "-offsets");
        properties.put("status.storage.topic", group + "-status");
        properties.put("session.timeout.ms", "2000");
        properties.put("heartbeat.interval.ms", "500");
        properties.putAll(overrides);
        for (int i = 0; i < size; i++) {
            ConnectWorker worker = new ConnectWorker(
                    Home.fromSystemProperty(),
                    directory(),
                    Platform.shared().broker().bootstrap(),
                    "256m",
                    properties,
                    Map.of());
            worker.launch();
            workers.add(worker);
        }
        workers.forEach(ConnectWorker::awaitReady);
    }

    ConnectWorker worker(int number) {
        return workers.get(number);
    }

    /** The worker that, as the one asked believes, has the connector's only task; null if none has. */
    ConnectWorker ownerOf(String connector, ConnectRest asked) {
        String id = asked.request("GET", "/connectors/" + connector + "/status", null)
                .at("/tasks/0/worker_id")
                .asText();
        return workers.stream()
                .filter(worker -> id.endsWith(":" + worker.url().getPort()))
                .findFirst()
                .orElse(null);
    }

    /** One that is not this one. */
    ConnectWorker other(ConnectWorker one) {
        return workers.stream().filter(worker -> worker != one).findFirst().orElseThrow();
    }

    /** Stops its clock, as a long pause of its machine does: SIGSTOP. */
    static void pause(ConnectWorker worker) {
        signal("-STOP", worker);
    }

    static void wake(ConnectWorker worker) {
        signal("-CONT", worker);
    }

    private static void signal(String signal, ConnectWorker worker) {
        try {
            int exit = new ProcessBuilder("kill", signal, Long.toString(worker.pid()))
                    .inheritIO()
                    .start()
                    .waitFor();
            if (exit != 0) {
                throw new IllegalStateException("kill " + signal + ": exit code " + exit);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            throw new IllegalStateException(e);
        }
    }

    private static Path directory() {
        try {
            return Files.createTempDirectory("redis-cdc-it-worker");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        workers.forEach(ConnectWorker::kill);
    }
}
