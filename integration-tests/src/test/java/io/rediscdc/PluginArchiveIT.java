package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.standalone.process.Home;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.jar.JarFile;
import java.util.stream.Stream;
import java.util.zip.ZipFile;
import org.junit.jupiter.api.Test;

/** The archive has all a worker lacks and nothing that it brings itself. */
class PluginArchiveIT {

    private static final Path LIB = Home.fromSystemProperty().plugins().resolve("redis-cdc/lib");

    @Test
    void bringsNothingThatTheWorkerHas() throws IOException {
        assertThat(jars())
                .anyMatch(jar -> jar.startsWith("lettuce-core-"))
                .anyMatch(jar -> jar.startsWith("redis-cdc-source-connector-"))
                .anyMatch(jar -> jar.startsWith("redis-cdc-sink-connector-"))
                .anyMatch(jar -> jar.startsWith("redis-cdc-common-"))
                .noneMatch(jar -> jar.matches("(kafka-|connect-|slf4j-|log4j-).*"));
    }

    @Test
    void declaresItsPluginsAsServices() throws IOException {
        assertThat(service("redis-cdc-source-connector", "source.SourceConnector"))
                .contains("io.rediscdc.source.RedisSourceConnector");
        assertThat(service("redis-cdc-sink-connector", "sink.SinkConnector"))
                .contains("io.rediscdc.sink.RedisSinkConnector");
        assertThat(service("redis-cdc-common", "storage.Converter")).contains("io.rediscdc.converter.ChangeConverter");
    }

    @Test
    void aWorkerThatOnlyLoadsServicesFindsThem() {
        assertThat(Platform.shared().rest().plugins())
                .contains("io.rediscdc.source.RedisSourceConnector", "io.rediscdc.sink.RedisSinkConnector");
    }

    @Test
    void theZipHasTheLayoutOfAComponentArchive() throws IOException {
        Path target = Path.of("../plugin/target");
        try (Stream<Path> files = Files.list(target);
                ZipFile zip = new ZipFile(files.filter(file -> file.toString().endsWith(".zip"))
                        .findFirst()
                        .orElseThrow()
                        .toFile())) {
            assertThat(zip.stream().map(entry -> entry.getName()))
                    .contains("redis-cdc/manifest.json", "redis-cdc/doc/LICENSE", "redis-cdc/etc/source.json")
                    .anyMatch(name -> name.startsWith("redis-cdc/lib/redis-cdc-source-connector-"));
        }
    }

    private static List<String> jars() throws IOException {
        try (Stream<Path> files = Files.list(LIB)) {
            return files.map(file -> file.getFileName().toString()).toList();
        }
    }

    private static String service(String jar, String name) throws IOException {
        String file = jars().stream()
                .filter(other -> other.startsWith(jar))
                .findFirst()
                .orElseThrow();
        try (JarFile archive = new JarFile(LIB.resolve(file).toFile())) {
            return new String(
                    archive.getInputStream(archive.getEntry("META-INF/services/org.apache.kafka.connect." + name))
                            .readAllBytes(),
                    StandardCharsets.UTF_8);
        }
    }
}
