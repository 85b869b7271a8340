package io.rediscdc;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.standalone.process.RedisBinary;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;

/**
 * Which servers a test of versions runs: the one that everything else is tested with, those that the build has anyway,
 * and those of the environment variable {@value #VARIABLE}: a directory with one subdirectory for each, which has
 * redis-server or valkey-server in it or in its bin. {@code .ci/servers} makes one.
 */
final class ServerVersions {

    static final String VARIABLE = "REDIS_MATRIX";

    private static final List<String> CARRIED = List.of("redis-server-2.8.19", "redis-server-6.2.6-v5-linux-amd64");
    private static final List<String> EXECUTABLES =
            List.of("redis-server", "valkey-server", "bin/redis-server", "bin/valkey-server");

    private ServerVersions() {}

    /** @param directory for what has to be unpacked */
    static List<RedisBinary> all(Path directory) throws IOException {
        List<RedisBinary> servers = new ArrayList<>();
        for (String resource : CARRIED) {
            servers.add(unpacked(resource, directory));
        }
        servers.add(RedisBinary.find());
        servers.addAll(named());
        return servers;
    }

    /** Those of the environment variable only; none if it is not set. */
    static List<RedisBinary> named() throws IOException {
        String named = System.getenv(VARIABLE);
        if (named == null || named.isBlank()) {
            return List.of();
        }
        List<RedisBinary> servers = below(Path.of(named));
        assertThat(servers).as("servers below " + named).isNotEmpty();
        return servers;
    }

    private static List<RedisBinary> below(Path directory) throws IOException {
        List<RedisBinary> servers = new ArrayList<>();
        try (Stream<Path> versions = Files.list(directory)) {
            for (Path version : versions.sorted().toList()) {
                EXECUTABLES.stream()
                        .map(version::resolve)
                        .filter(Files::isExecutable)
                        .findFirst()
                        .ifPresent(executable -> servers.add(RedisBinary.of(executable)));
            }
        }
        return servers;
    }

    private static RedisBinary unpacked(String resource, Path directory) throws IOException {
        Path executable = directory.resolve(resource);
        try (InputStream in = ServerVersions.class.getResourceAsStream("/" + resource)) {
            Files.copy(in, executable);
        }
        Files.setPosixFilePermissions(executable, PosixFilePermissions.fromString("rwx------"));
        return RedisBinary.of(executable);
    }
}
