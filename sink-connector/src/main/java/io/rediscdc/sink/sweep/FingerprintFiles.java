package io.rediscdc.sink.sweep;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/**
 * Fingerprints on disk, in files by their first eight bits: 8 bytes each under {@code java.io.tmpdir}. They hold no keys.
 * Not thread-safe.
 */
final class FingerprintFiles implements AutoCloseable {

    static final int FILES = 256;
    private static final int BUFFER = 8 * 1024;

    private final Path directory;
    private final DataOutputStream[] outputs = new DataOutputStream[FILES];
    private final long[] counts = new long[FILES];

    FingerprintFiles() {
        try {
            directory = Files.createTempDirectory("redis-cdc-sweep");
        } catch (IOException e) {
            throw failed("cannot make a directory for fingerprints in " + System.getProperty("java.io.tmpdir"), e);
        }
    }

    static int fileOf(long fingerprint) {
        return (int) (fingerprint >>> 56);
    }

    long count(int file) {
        return counts[file];
    }

    void add(long fingerprint) {
        int file = fileOf(fingerprint);
        try {
            if (outputs[file] == null) {
                outputs[file] =
                        new DataOutputStream(new BufferedOutputStream(Files.newOutputStream(path(file)), BUFFER));
            }
            outputs[file].writeLong(fingerprint);
            counts[file]++;
        } catch (IOException e) {
            throw failed("cannot keep fingerprints in " + directory, e);
        }
    }

    /** Reads a file back. */
    void load(int file, FingerprintSet into) {
        if (counts[file] == 0) {
            return;
        }
        try {
            outputs[file].flush();
            try (DataInputStream in =
                    new DataInputStream(new BufferedInputStream(Files.newInputStream(path(file)), 8 * BUFFER))) {
                for (long i = 0; i < counts[file]; i++) {
                    into.add(in.readLong());
                }
            }
        } catch (IOException e) {
            throw failed("cannot read fingerprints in " + directory, e);
        }
    }

    @Override
    public void close() {
        try {
            for (int file = 0; file < FILES; file++) {
                if (outputs[file] != null) {
                    outputs[file].close();
                    outputs[file] = null;
                }
                Files.deleteIfExists(path(file));
            }
            Files.deleteIfExists(directory);
        } catch (IOException e) {
            throw failed("cannot remove fingerprints in " + directory, e);
        }
    }

    private Path path(int file) {
        return directory.resolve(Integer.toString(file));
    }

    private static RedisCdcException failed(String what, IOException cause) {
        return new RedisCdcException(
                Category.CONFIG,
                what + ": " + cause + "; make room there, or raise sweep.memory.bytes so that none is needed",
                cause);
    }
}
