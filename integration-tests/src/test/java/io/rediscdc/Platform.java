package io.rediscdc;

import io.rediscdc.standalone.process.ConnectRest;
import io.rediscdc.standalone.process.ConnectWorker;
import io.rediscdc.standalone.process.Home;
import io.rediscdc.standalone.process.KafkaBroker;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.concurrent.atomic.AtomicInteger;

/** One broker and one worker with the plugin, for all tests of a run; the launchers end them with the JVM. */
final class Platform {

    private static Platform shared;

    private final AtomicInteger names = new AtomicInteger();
    private final KafkaBroker broker;
    private final ConnectWorker worker;

    private Platform() {
        Home home = Home.fromSystemProperty();
        Path directory = directory();
        // The default of 6 s is what the test of a dead worker would wait each time; that of 15 s, the one of
        // compaction.
        broker = new KafkaBroker(
                home,
                directory.resolve("broker"),
                KafkaBroker.DEFAULT_HEAP,
                Map.of("group.min.session.timeout.ms", "1000", "log.cleaner.backoff.ms", "500"));
        broker.start();
        worker = ConnectWorker.running(home, directory.resolve("worker"), broker.bootstrap());
    }

    static synchronized Platform shared() {
        if (shared == null) {
            shared = new Platform();
        }
        return shared;
    }

    KafkaBroker broker() {
        return broker;
    }

    ConnectWorker worker() {
        return worker;
    }

    ConnectRest rest() {
        return worker.rest();
    }

    /** A name for a flow that no other test has. */
    String newName(String word) {
        return word + "-" + names.incrementAndGet();
    }

    private static Path directory() {
        try {
            return Files.createTempDirectory("redis-cdc-it");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
