package io.rediscdc.source.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

class SpoolTest {

    @TempDir
    private Path directory;

    private final Spool spool = new Spool(SpoolOptions.memory(4L * Chunk.BYTES));

    @Test
    void givesBackWhatWasFilledInAcrossChunks() throws IOException {
        byte[] bytes = random(3 * Chunk.BYTES + 17);
        fill(bytes);
        assertThat(spool.backlog()).isEqualTo(bytes.length);

        byte[] read = new byte[bytes.length];
        spool.readFully(read, 0, read.length);

        assertThat(read).isEqualTo(bytes);
        assertThat(spool.backlog()).isZero();
        assertThat(spool.position()).isEqualTo(bytes.length);
    }

    @Test
    void rewindsAStalledReadToTheMarkAcrossChunks() throws IOException {
        byte[] bytes = random(2 * Chunk.BYTES);
        fill(bytes);
        spool.skip(1000);
        spool.mark();
        byte[] item = new byte[bytes.length];

        assertThatThrownBy(() -> spool.readFully(item, 0, item.length)).isInstanceOf(Spool.Stalled.class);
        spool.rewind();

        assertThat(spool.position()).isEqualTo(1000);
        fill(random(1000));
        spool.readFully(item, 0, bytes.length - 1000);
        assertThat(item).startsWith(Arrays.copyOfRange(bytes, 1000, bytes.length));
    }

    @Test
    void checksumsOfWhatIsReadTwiceAreThoseOfReadingItOnce() throws IOException {
        byte[] bytes = random(300);
        Spool whole = new Spool(SpoolOptions.memory(1 << 20));
        fill(whole, bytes);
        whole.startCrc();
        whole.skip(300);

        fill(Arrays.copyOf(bytes, 200));
        spool.startCrc();
        spool.skip(100);
        spool.mark();
        assertThatThrownBy(() -> spool.skip(150)).isInstanceOf(Spool.Stalled.class);
        spool.rewind();
        fill(Arrays.copyOfRange(bytes, 200, 300));
        spool.skip(200);

        assertThat(spool.crc()).isEqualTo(whole.crc());
    }

    @Test
    void takesNoMoreThanItsCapacityAndMoreOnceRead() throws IOException {
        fill(random(4 * Chunk.BYTES));
        InputStream more = new ByteArrayInputStream(random(10));

        assertThat(spool.fill(more, 1)).isEqualTo(Spool.FULL);
        spool.skip(Chunk.BYTES + 1);
        assertThat(spool.fill(more, 1)).as("still kept for a rewind").isEqualTo(Spool.FULL);
        spool.mark();

        assertThat(spool.fill(more, 1)).isEqualTo(10);
    }

    @Test
    void refusesAnItemLargerThanItself() throws IOException {
        fill(random(4 * Chunk.BYTES));
        assertThatThrownBy(() -> spool.skip(4 * Chunk.BYTES + 1))
                .isInstanceOfSatisfying(
                        RedisCdcException.class, e -> assertThat(e.category()).isEqualTo(Category.UNSUPPORTED))
                .hasMessageContaining("spool.memory.bytes");
    }

    @Test
    void meetsTheFailureAfterTheLastByte() throws IOException {
        fill(random(5));
        spool.fail(new RedisCdcException(Category.CONNECTION, "lost"));

        spool.skip(5);

        assertThatThrownBy(spool::readByte)
                .isInstanceOf(RedisCdcException.class)
                .hasMessage("lost");
    }

    @Test
    @Timeout(20)
    void aReaderAndAFillerInStep() throws Exception {
        inStep(spool, random(40 * Chunk.BYTES), 5000, 0);
    }

    @Test
    @Timeout(60)
    void aReaderAndAFillerInStepThroughAFile() throws Exception {
        try (Closing small = spilling(2, 16)) {
            inStep(small.spool(), random(400 * Chunk.BYTES), 100_000, 3);
        }
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void whatMemoryHasNoRoomForComesBackFromTheFileInOrder() throws IOException {
        byte[] bytes = random(20 * Chunk.BYTES + 17);
        try (Closing small = spilling(2, 100)) {
            Spool spilling = small.spool();
            fill(spilling, bytes);
            assertThat(spilling.backlog()).isEqualTo(bytes.length);
            assertThat(spilling.isRoomy()).isFalse();

            assertThat(readInItems(spilling, bytes.length)).isEqualTo(bytes);

            assertThat(spilling.isRoomy()).isTrue();
            fill(spilling, bytes);
            assertThat(readInItems(spilling, bytes.length))
                    .as("the file a second time")
                    .isEqualTo(bytes);
        }
    }

    @Test
    void rewindsAcrossChunksOfTheFile() throws IOException {
        byte[] bytes = random(7 * Chunk.BYTES);
        try (Closing small = spilling(4, 100)) {
            Spool spilling = small.spool();
            fill(spilling, bytes);
            for (int at = 0; at + 3 * Chunk.BYTES <= bytes.length; at += Chunk.BYTES / 3) {
                byte[] item = new byte[3 * Chunk.BYTES];
                spilling.mark();
                spilling.readFully(item, 0, item.length);
                assertThat(item).isEqualTo(Arrays.copyOfRange(bytes, at, at + item.length));
                spilling.rewind();
                assertThat(spilling.position()).isEqualTo(at);
                spilling.skip(Chunk.BYTES / 3);
            }
        }
    }

    @Test
    void isFullWhenTheFileIs() throws IOException {
        try (Closing small = spilling(2, 3)) {
            Spool spilling = small.spool();
            fill(spilling, random(5 * Chunk.BYTES));
            InputStream more = new ByteArrayInputStream(random(10));

            assertThat(spilling.fill(more, 1)).isEqualTo(Spool.FULL);
            readInItems(spilling, 5 * Chunk.BYTES);

            assertThat(spilling.fill(more, 1)).isEqualTo(10);
        }
    }

    @Test
    void waitsForTheReaderWhereNoFileCanBeMade() throws IOException {
        Path gone = Files.createDirectory(directory.resolve("gone"));
        try (Closing small = new Closing(new Spool(options(gone, 2, 100)))) {
            Files.delete(gone);
            Spool spilling = small.spool();
            fill(spilling, random(2 * Chunk.BYTES));
            InputStream more = new ByteArrayInputStream(random(10));

            assertThat(spilling.fill(more, 1)).isEqualTo(Spool.FULL);
            readInItems(spilling, 2 * Chunk.BYTES);

            assertThat(spilling.fill(more, 1)).isEqualTo(10);
        }
    }

    @Test
    void refusesAnItemLargerThanItsMemoryEvenIfTheFileHasRoom() throws IOException {
        try (Closing small = spilling(2, 100)) {
            Spool spilling = small.spool();
            fill(spilling, random(5 * Chunk.BYTES));
            assertThatThrownBy(() -> spilling.skip(4 * Chunk.BYTES))
                    .isInstanceOf(RedisCdcException.class)
                    .hasMessageContaining("spool.memory.bytes");
        }
    }

    @Test
    void refusesADirectoryInWhichNothingCanBeCreated() throws IOException {
        Path file = Files.createFile(directory.resolve("file"));
        assertThatThrownBy(() -> SpoolFile.check(file.resolve("below")))
                .isInstanceOfSatisfying(
                        RedisCdcException.class, e -> assertThat(e.category()).isEqualTo(Category.CONFIG))
                .hasMessageContaining("spool.directory");
        SpoolFile.check(directory.resolve("new"));
        assertThat(directory.resolve("new")).isEmptyDirectory();
    }

    private static void inStep(Spool spool, byte[] bytes, int largestItem, int pausesMs) throws Exception {
        InputStream in = new ByteArrayInputStream(bytes);
        AtomicReference<IOException> failed = new AtomicReference<>();
        Thread filler = new Thread(() -> {
            try {
                int n = 0;
                while (n >= 0 || n == Spool.FULL) {
                    n = spool.fill(in, 10);
                }
            } catch (IOException e) {
                failed.set(e);
            }
        });
        filler.start();
        spool.patience(10_000);
        byte[] read = new byte[bytes.length];
        Random random = new Random(7);
        for (int done = 0; done < read.length; ) {
            int n = Math.min(read.length - done, 1 + random.nextInt(largestItem));
            spool.mark();
            spool.readFully(read, done, n);
            if (random.nextInt(4) == 0) {
                spool.rewind();
                continue;
            }
            done += n;
            if (pausesMs > 0 && random.nextInt(100) == 0) {
                Thread.sleep(random.nextInt(10 * pausesMs));
            }
        }
        filler.join();

        assertThat(failed.get()).isNull();
        assertThat(read).isEqualTo(bytes);
    }

    private static byte[] readInItems(Spool spool, int length) throws IOException {
        byte[] read = new byte[length];
        for (int done = 0; done < length; ) {
            int n = Math.min(length - done, 50_000);
            spool.readFully(read, done, n);
            spool.mark();
            done += n;
        }
        return read;
    }

    private record Closing(Spool spool) implements AutoCloseable {
        @Override
        public void close() {
            spool.close();
        }
    }

    private Closing spilling(int memoryChunks, int fileChunks) {
        return new Closing(new Spool(options(directory, memoryChunks, fileChunks)));
    }

    private static SpoolOptions options(Path directory, long memoryChunks, long fileChunks) {
        return new SpoolOptions(memoryChunks * Chunk.BYTES, fileChunks * Chunk.BYTES, directory);
    }

    private void fill(byte[] bytes) throws IOException {
        fill(spool, bytes);
    }

    private static void fill(Spool spool, byte[] bytes) throws IOException {
        InputStream in = new ByteArrayInputStream(bytes);
        int left = bytes.length;
        while (left > 0) {
            int n = spool.fill(in, 1);
            assertThat(n).isPositive();
            left -= n;
        }
    }

    private static byte[] random(int length) {
        byte[] bytes = new byte[length];
        new Random(length).nextBytes(bytes);
        return bytes;
    }
}
