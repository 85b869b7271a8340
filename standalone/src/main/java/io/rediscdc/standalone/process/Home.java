package io.rediscdc.standalone.process;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The unpacked distribution: {@code lib} (this program, Kafka, Connect), {@code plugins} (a worker's plugin.path),
 * {@code config}.
 *
 * @param directory its root, absolute
 */
public record Home(Path directory) {

    /** System property that names it. */
    public static final String PROPERTY = "redis.cdc.home";

    public Home {
        directory = directory.toAbsolutePath().normalize();
        if (!Files.isDirectory(directory.resolve("lib"))) {
            throw new ProcessException("no distribution in " + directory
                    + " (no lib directory): build it with 'mvn -DskipTests package', or name it with -D" + PROPERTY);
        }
    }

    /** The one that the system property {@value #PROPERTY} names. */
    public static Home fromSystemProperty() {
        String path = System.getProperty(PROPERTY);
        if (path == null) {
            throw new ProcessException("system property " + PROPERTY + " is not set: it names the distribution");
        }
        return new Home(Path.of(path));
    }

    public Path plugins() {
        return directory.resolve("plugins");
    }

    /**
     * Class path for broker and worker: all of lib but our own jars, which a worker must load from its plugins only, as
     * it would in anybody's cluster.
     */
    String kafkaClassPath() {
        try (Stream<Path> jars = Files.list(directory.resolve("lib"))) {
            return jars.filter(jar -> !jar.getFileName().toString().startsWith("redis-cdc-"))
                    .map(Path::toString)
                    .sorted()
                    .collect(Collectors.joining(File.pathSeparator));
        } catch (IOException e) {
            throw new ProcessException("cannot list " + directory.resolve("lib") + ": " + e.getMessage(), e);
        }
    }
}
