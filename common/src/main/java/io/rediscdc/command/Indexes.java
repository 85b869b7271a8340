package io.rediscdc.command;

/** Arithmetic sequences; the short ones are shared, so that finding the keys of a usual command allocates nothing. */
final class Indexes {

    private static final int SHARED_FIRST = 4;
    private static final int SHARED_STEP = 3;
    private static final int SHARED_COUNT = 32;

    private static final int[][][][] SHARED = shared();

    private Indexes() {}

    /** {@code first, first + step, ...}, {@code count} of them; not to be changed. */
    static int[] of(int first, int count, int step) {
        if (first <= SHARED_FIRST && step <= SHARED_STEP && count <= SHARED_COUNT) {
            return SHARED[first][step][count];
        }
        return sequence(first, count, step);
    }

    private static int[] sequence(int first, int count, int step) {
        int[] indexes = new int[count];
        for (int i = 0; i < count; i++) {
            indexes[i] = first + i * step;
        }
        return indexes;
    }

    private static int[][][][] shared() {
        int[][][][] shared = new int[SHARED_FIRST + 1][SHARED_STEP + 1][SHARED_COUNT + 1][];
        for (int first = 0; first <= SHARED_FIRST; first++) {
            for (int step = 0; step <= SHARED_STEP; step++) {
                for (int count = 0; count <= SHARED_COUNT; count++) {
                    shared[first][step][count] = sequence(first, count, step);
                }
            }
        }
        return shared;
    }
}
