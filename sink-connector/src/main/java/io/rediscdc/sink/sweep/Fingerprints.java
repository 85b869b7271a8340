package io.rediscdc.sink.sweep;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.util.ArrayList;
import java.util.List;

/**
 * The fingerprints of a snapshot's keys: in memory as far as the budget goes, then in files. What is in files is looked up
 * in passes, each of which loads as many files as the budget takes: whoever asks has to come with all keys once a pass.
 *
 * <p>A budget of b bytes holds b/21 to b/11 keys (3.1 million in 64 MiB); n keys beyond it take 8n bytes of disk.
 */
public final class Fingerprints implements AutoCloseable {

    private final long memoryBytes;
    private FingerprintSet set;
    private FingerprintFiles files;

    /** Of each pass, the file after its last one. */
    private List<Integer> ends = List.of(FingerprintFiles.FILES);

    private int firstFile;
    private int endFile = FingerprintFiles.FILES;

    public Fingerprints(long memoryBytes) {
        this.memoryBytes = memoryBytes;
        this.set = new FingerprintSet(memoryBytes);
    }

    /** Not after {@link #passes}. */
    public void add(long fingerprint) {
        if (files == null && set.size() == set.capacity()) {
            files = new FingerprintFiles();
            set.forEach(files::add);
            set = null;
        }
        if (files == null) {
            set.add(fingerprint);
        } else {
            files.add(fingerprint);
        }
    }

    /**
     * Ends adding: how many passes it takes to look all up.
     *
     * @throws RedisCdcException CONFIG if a single file exceeds the budget
     */
    public int passes() {
        if (files == null) {
            return 1;
        }
        int capacity = new FingerprintSet(memoryBytes).capacity();
        List<Integer> found = new ArrayList<>();
        long load = 0;
        for (int file = 0; file < FingerprintFiles.FILES; file++) {
            long count = files.count(file);
            if (count > capacity) {
                throw new RedisCdcException(
                        Category.CONFIG,
                        "the snapshot has too many keys to be compared with the target within sweep.memory.bytes = "
                                + memoryBytes + "; raise it to " + count * 3 * Long.BYTES);
            }
            if (load + count > capacity) {
                found.add(file);
                load = 0;
            }
            load += count;
        }
        found.add(FingerprintFiles.FILES);
        ends = List.copyOf(found);
        return ends.size();
    }

    /** Begins a pass, from 0. */
    public void begin(int pass) {
        if (files == null) {
            return;
        }
        firstFile = pass == 0 ? 0 : ends.get(pass - 1);
        endFile = ends.get(pass);
        set = null; // before the next one is made
        set = new FingerprintSet(memoryBytes);
        for (int file = firstFile; file < endFile; file++) {
            files.load(file, set);
        }
    }

    /** Whether the pass under way is the one to ask about this. */
    public boolean covers(long fingerprint) {
        int file = FingerprintFiles.fileOf(fingerprint);
        return file >= firstFile && file < endFile;
    }

    /** Only right about what is covered. */
    public boolean contains(long fingerprint) {
        return set.contains(fingerprint);
    }

    /** Removes the files. */
    @Override
    public void close() {
        if (files != null) {
            files.close();
        }
    }
}
