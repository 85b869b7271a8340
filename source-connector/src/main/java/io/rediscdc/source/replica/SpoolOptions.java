package io.rediscdc.source.replica;

import java.nio.file.Path;

/**
 * How much may be received ahead of the decoder, and where it is kept.
 *
 * @param memoryBytes of the heap
 * @param fileBytes on disk, once memory is full; 0 for none
 * @param directory for the files; unused where fileBytes is 0
 */
public record SpoolOptions(long memoryBytes, long fileBytes, Path directory) {

    static SpoolOptions memory(long bytes) {
        return new SpoolOptions(bytes, 0, null);
    }
}
