package io.rediscdc.standalone.process;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Directories that servers work in. */
public final class Directories {

    private Directories() {}

    /** A new temporary directory that only this user can read. */
    public static Path temporary(String prefix) {
        try {
            return Files.createTempDirectory(prefix);
        } catch (IOException e) {
            throw new ProcessException("no temporary directory: " + e.getMessage(), e);
        }
    }

    /** Creates it, readable for this user only, if it is missing. */
    public static Path create(Path directory) {
        try {
            Files.createDirectories(directory);
            Files.setPosixFilePermissions(directory, PosixFilePermissions.fromString("rwx------"));
            return directory;
        } catch (IOException e) {
            throw new ProcessException("cannot create the directory " + directory + ": " + e.getMessage(), e);
        }
    }

    /** Removes it with all that is in it; what a dying process adds meanwhile does not matter. */
    public static void delete(Path directory) {
        for (int attempt = 0; attempt < 3; attempt++) {
            try (Stream<Path> tree = Files.walk(directory)) {
                List<Path> deepestFirst = tree.sorted(Comparator.reverseOrder()).toList();
                for (Path path : deepestFirst) {
                    Files.deleteIfExists(path);
                }
                return;
            } catch (NoSuchFileException e) {
                return;
            } catch (IOException e) {
                ChildProcess.pause(50);
            }
        }
    }
}
