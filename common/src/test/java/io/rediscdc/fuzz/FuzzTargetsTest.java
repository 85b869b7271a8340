package io.rediscdc.fuzz;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** What the fuzzer starts from, and a few thousand changed copies of it, in every build. {@code -Pfuzz} goes on for longer. */
@Timeout(120)
class FuzzTargetsTest {

    private static final int COPIES = 4_000;
    private static final Duration MOST_TIME = Duration.ofSeconds(6);

    private interface Target {
        void run(byte[] data) throws IOException;
    }

    @Test
    void rdb() throws IOException {
        runAll("rdb", RdbFuzz::fuzzerTestOneInput);
    }

    @Test
    void dump() throws IOException {
        runAll("dump", DumpFuzz::fuzzerTestOneInput);
    }

    @Test
    void resp() throws IOException {
        runAll("resp", RespFuzz::fuzzerTestOneInput);
    }

    private static void runAll(String name, Target target) throws IOException {
        List<byte[]> seeds = seeds(name);
        assertThat(seeds).hasSizeGreaterThan(5);
        for (byte[] seed : seeds) {
            target.run(seed);
        }
        Random random = new Random(41);
        long end = System.nanoTime() + MOST_TIME.toNanos();
        for (int i = 0; i < COPIES && System.nanoTime() < end; i++) {
            byte[] changed = changed(seeds, random);
            try {
                target.run(changed);
            } catch (RuntimeException | Error e) {
                throw new AssertionError("with " + HexFormat.of().formatHex(changed), e);
            }
        }
    }

    private static byte[] changed(List<byte[]> seeds, Random random) {
        byte[] seed = seeds.get(random.nextInt(seeds.size()));
        byte[] copy = Arrays.copyOf(seed, random.nextInt(8) == 0 ? random.nextInt(seed.length) : seed.length);
        for (int i = random.nextInt(4); i >= 0 && copy.length > 0; i--) {
            int at = random.nextInt(copy.length);
            if (random.nextInt(4) == 0) {
                int length = Math.min(random.nextInt(20), copy.length - at);
                System.arraycopy(copy, random.nextInt(copy.length - length + 1), copy, at, length);
            } else {
                copy[at] = (byte) (random.nextBoolean() ? random.nextInt(256) : copy[at] ^ 1 << random.nextInt(8));
            }
        }
        return copy;
    }

    private static List<byte[]> seeds(String name) throws IOException {
        try (Stream<Path> files = Files.list(SeedCorpus.DIRECTORY.resolve(name))) {
            return files.sorted().map(FuzzTargetsTest::read).toList();
        }
    }

    private static byte[] read(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
