package io.rediscdc.benchmarks.loop;

import io.rediscdc.benchmarks.load.Dataset;
import io.rediscdc.standalone.process.Directories;
import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisUri;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** RDB files as a real server writes them. */
final class SampleRdb {

    private SampleRdb() {}

    /** The bytes of a file with so many keys of the given kind. */
    static byte[] of(Dataset dataset, long keys, boolean compressed) {
        Path directory = Directories.temporary("redis-cdc-jmh");
        try (RedisServer server = RedisServer.running(directory, "--rdbcompression", compressed ? "yes" : "no")) {
            try (RedisConnection connection = RedisConnection.open(RedisUri.parse(server.uri()))) {
                dataset.fill(connection, keys);
                connection.call("SAVE");
            }
            return Files.readAllBytes(directory.resolve("dump.rdb"));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } finally {
            Directories.delete(directory);
        }
    }
}
