package io.rediscdc.standalone.process;

import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.net.URL;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The redis-server to start: the one named by the system property {@value #PROPERTY} or the environment variable
 * {@value #VARIABLE}; else the one on PATH; else the static 7.0.15 that org.signal:embedded-redis carries.
 *
 * @param path executable file
 * @param majorVersion as in 7
 */
public record RedisBinary(Path path, int majorVersion) {

    public static final String PROPERTY = "redis.cdc.redis-server";
    public static final String VARIABLE = "REDIS_CDC_REDIS_SERVER";

    private static final Pattern VERSION = Pattern.compile("v=(\\d+)\\.");
    private static final String EMBEDDED_VERSION = "7.0.15";

    /** Finds it in the order that the type's description names. */
    public static RedisBinary find() {
        String named = System.getProperty(PROPERTY, System.getenv(VARIABLE));
        if (named != null && !named.isBlank()) {
            return of(Path.of(named));
        }
        String search = System.getenv("PATH");
        for (String directory : (search == null ? "" : search).split(File.pathSeparator, -1)) {
            Path candidate = Path.of(directory, "redis-server");
            if (!directory.isEmpty() && Files.isExecutable(candidate) && Files.isRegularFile(candidate)) {
                return of(candidate);
            }
        }
        return embedded();
    }

    /** A given executable, which is asked for its version. */
    public static RedisBinary of(Path executable) {
        try {
            Process process = new ProcessBuilder(executable.toString(), "--version")
                    .redirectErrorStream(true)
                    .start();
            process.getOutputStream().close();
            String said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            if (!process.waitFor(10, TimeUnit.SECONDS)) {
                process.destroyForcibly();
            }
            Matcher matcher = VERSION.matcher(said);
            if (!matcher.find()) {
                throw new ProcessException(executable + " is no redis-server: --version said '" + said.strip() + "'");
            }
            return new RedisBinary(executable.toAbsolutePath(), Integer.parseInt(matcher.group(1)));
        } catch (IOException e) {
            throw new ProcessException(executable + " cannot be run as redis-server: " + e.getMessage(), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new ProcessException("interrupted", e);
        }
    }

    /** The one that comes with this program, unpacked on first use. */
    public static RedisBinary embedded() {
        String resource = "redis-server-" + EMBEDDED_VERSION + "-" + system() + "-" + architecture();
        URL url = RedisBinary.class.getResource("/" + resource);
        if (url == null) {
            throw new ProcessException("no redis-server on PATH, and none is included for " + system() + "/"
                    + architecture() + ": install Redis, or name it with -D" + PROPERTY + " or " + VARIABLE);
        }
        try {
            Path cache = cache();
            Path executable = cache.resolve(resource);
            long size = url.openConnection().getContentLengthLong();
            if (!Files.isExecutable(executable) || Files.size(executable) != size) {
                Path unpacked = Files.createTempFile(cache, resource, ".tmp");
                try (InputStream in = url.openStream()) {
                    Files.copy(in, unpacked, StandardCopyOption.REPLACE_EXISTING);
                }
                Files.setPosixFilePermissions(unpacked, PosixFilePermissions.fromString("rwxr-xr-x"));
                Files.move(unpacked, executable, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
            }
            return new RedisBinary(executable, 7);
        } catch (IOException e) {
            throw new ProcessException("cannot unpack the included redis-server: " + e.getMessage(), e);
        }
    }

    /** Below the user's own cache directory: an executable in /tmp could be anybody's. */
    private static Path cache() throws IOException {
        String base = System.getenv("XDG_CACHE_HOME");
        Path parent =
                base == null || base.isBlank() ? Path.of(System.getProperty("user.home"), ".cache") : Path.of(base);
        try {
            return Files.createDirectories(parent.resolve("redis-cdc"));
        } catch (IOException e) {
            Path own = Files.createTempDirectory("redis-cdc-bin");
            AtExit.run(() -> Directories.delete(own));
            return own;
        }
    }

    private static String system() {
        String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return name.contains("mac") ? "darwin" : name.split(" ", -1)[0];
    }

    private static String architecture() {
        return switch (System.getProperty("os.arch")) {
            case "amd64", "x86_64" -> "amd64";
            case "aarch64", "arm64" -> "arm64";
            case "x86", "i386", "i686" -> "386";
            default -> System.getProperty("os.arch");
        };
    }
}
