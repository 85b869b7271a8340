package io.rediscdc.source.replica;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.concurrent.locks.ReentrantLock;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Of a store with memory for two chunks. */
class ChunkStoreTest {

    @TempDir
    private Path directory;

    private final ReentrantLock lock = new ReentrantLock();
    private ChunkStore store;

    @BeforeEach
    void open() {
        store = new ChunkStore(new SpoolOptions(2L * Chunk.BYTES, 100L * Chunk.BYTES, directory), lock);
        lock.lock();
    }

    @AfterEach
    void close() {
        store.close();
        lock.unlock();
        store.closeFile();
    }

    @Test
    void hasNoMoreMemoryThanItMay() throws InterruptedException {
        Chunk first = chunk(1);
        Chunk second = chunk(2);

        assertThat(store.isFull()).isTrue();
        assertThat(store.take(second, chunk -> true, 1)).isNull();
        store.giveBack(first);

        assertThat(store.isFull()).isFalse();
        assertThat(store.memoryBytes()).as("kept for use").isEqualTo(2L * Chunk.BYTES);
        assertThat(store.take(second, chunk -> true, 1)).isSameAs(first.bytes());
    }

    @Test
    void aChunkInTheFileLeavesItsMemoryToTheNextAndComesBack() throws InterruptedException {
        chunk(1);
        Chunk second = chunk(2);
        byte[] memory = second.bytes();

        assertThat(store.take(second, chunk -> false, 1)).isSameAs(memory);
        assertThat(second.isInFile()).isTrue();
        assertThat(store.fileBytes()).isEqualTo(Chunk.BYTES);
        Arrays.fill(memory, (byte) 3);
        store.bringIn(second);

        assertThat(second.isInFile()).isFalse();
        assertThat(second.bytes()).containsOnly(2);
        assertThat(store.fileBytes()).isZero();
    }

    @Test
    void whatIsGivenBackIsForChunksOfTheFileFirst() throws InterruptedException {
        Chunk first = chunk(1);
        Chunk second = chunk(2);
        Chunk third = new Chunk(store.take(second, chunk -> false, 1), System.nanoTime());
        store.giveBack(first);

        assertThat(store.isRoomy()).isFalse();
        assertThat(store.take(third, chunk -> true, 1)).isNull();
        store.bringIn(second);
        store.giveBack(second);

        assertThat(store.isRoomy()).isTrue();
        assertThat(store.take(third, chunk -> true, 1)).isNotNull().isNotSameAs(third.bytes());
    }

    @Test
    void aChunkThatTheReaderComesToWhileItIsWrittenStaysWhereItIs() throws InterruptedException {
        chunk(1);
        Chunk second = chunk(2);
        int[] asked = {0};

        assertThat(store.take(second, chunk -> asked[0]++ > 0, 0)).isNull();
        assertThat(asked[0]).isEqualTo(2);
        assertThat(second.isInFile()).isFalse();
        assertThat(store.fileBytes()).isZero();
    }

    @Test
    void oneMoreThanItMayComesFromTheFileButNotTwo() throws InterruptedException {
        chunk(1);
        Chunk second = chunk(2);
        Chunk third = new Chunk(store.take(second, chunk -> false, 1), System.nanoTime());
        store.take(third, chunk -> false, 1);
        store.bringIn(second);

        assertThatThrownBy(() -> store.bringIn(third))
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("spool.memory.bytes");
    }

    @Test
    void nobodyWaitsForRoomOnceItIsClosed() throws InterruptedException {
        chunk(1);
        Chunk second = chunk(2);
        store.close();

        assertThat(store.take(second, chunk -> false, Long.MAX_VALUE)).isNotSameAs(second.bytes());
        assertThat(second.isInFile()).isFalse();
    }

    /** A full one of that byte. */
    private Chunk chunk(int filledWith) throws InterruptedException {
        Chunk chunk = new Chunk(store.take(null, any -> false, 0), System.nanoTime());
        Arrays.fill(chunk.bytes(), (byte) filledWith);
        return chunk;
    }
}
