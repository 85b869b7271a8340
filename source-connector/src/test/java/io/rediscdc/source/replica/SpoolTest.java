package io.rediscdc.source.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.util.Arrays;
import java.util.Random;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

class SpoolTest {

    private final Spool spool = new Spool(4L * Spool.CHUNK_BYTES);

    @Test
    void givesBackWhatWasFilledInAcrossChunks() throws IOException {
        byte[] bytes = random(3 * Spool.CHUNK_BYTES + 17);
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
        byte[] bytes = random(2 * Spool.CHUNK_BYTES);
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
        Spool whole = new Spool(1 << 20);
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
        fill(random(4 * Spool.CHUNK_BYTES));
        InputStream more = new ByteArrayInputStream(random(10));

        assertThat(spool.fill(more, 1)).isEqualTo(Spool.FULL);
        spool.skip(Spool.CHUNK_BYTES + 1);
        assertThat(spool.fill(more, 1)).as("still kept for a rewind").isEqualTo(Spool.FULL);
        spool.mark();

        assertThat(spool.fill(more, 1)).isEqualTo(10);
    }

    @Test
    void refusesAnItemLargerThanItself() throws IOException {
        fill(random(4 * Spool.CHUNK_BYTES));
        assertThatThrownBy(() -> spool.skip(4 * Spool.CHUNK_BYTES + 1))
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
        byte[] bytes = random(40 * Spool.CHUNK_BYTES);
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
        Random sizes = new Random(7);
        for (int done = 0; done < read.length; ) {
            int n = Math.min(read.length - done, 1 + sizes.nextInt(5000));
            spool.mark();
            spool.readFully(read, done, n);
            done += n;
        }
        filler.join();

        assertThat(failed.get()).isNull();
        assertThat(read).isEqualTo(bytes);
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
