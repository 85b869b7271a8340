package io.rediscdc.benchmarks.load;

import java.util.Random;

/** Commands that an application sends, by their number. */
public enum Traffic {
    /** SETs of 100 bytes, each to a key of its own. */
    SETS {
        @Override
        void add(Pipeline pipeline, long i) {
            pipeline.add(Words.SET, Words.of("key:", i), value(i));
        }
    },
    /** SET, HSET, INCR, LPUSH, ZADD and XADD in turn, to 100,000 keys of each type (1,000 streams). */
    MIX {
        @Override
        void add(Pipeline pipeline, long i) {
            long key = scattered(i) % KEYS;
            switch ((int) (i % 6)) {
                case 0 -> pipeline.add(Words.SET, Words.of("string:", key), value(i));
                case 1 -> pipeline.add(Words.HSET, Words.of("hash:", key), Words.of("f", i % 7), value(i));
                case 2 -> pipeline.add(INCR, Words.of("counter:", key));
                case 3 -> pipeline.add(LPUSH, Words.of("list:", key), value(i));
                case 4 ->
                    pipeline.add(Words.ZADD, Words.of("zset:", key), Words.of("", i % 1000), Words.of("m", i % 9));
                default -> pipeline.add(Words.XADD, Words.of("stream:", key % STREAMS), ANY_ID, FIELD, value(i));
            }
        }
    };

    private static final int KEYS = 100_000;
    private static final int STREAMS = 1_000;
    private static final byte[] INCR = Words.of("INCR");
    private static final byte[] LPUSH = Words.of("LPUSH");
    private static final byte[] ANY_ID = Words.of("*");
    private static final byte[] FIELD = Words.of("event");
    private static final byte[][] VALUES = randomValues();

    /** Adds the command with that number. */
    abstract void add(Pipeline pipeline, long i);

    private static byte[] value(long i) {
        return VALUES[(int) (i % VALUES.length)];
    }

    /** As good as random, and the same every time (the finalizer of splitmix64). */
    private static long scattered(long i) {
        long z = (i + 1) * 0x9E3779B97F4A7C15L;
        z = (z ^ (z >>> 30)) * 0xBF58476D1CE4E5B9L;
        z = (z ^ (z >>> 27)) * 0x94D049BB133111EBL;
        return (z ^ (z >>> 31)) >>> 1;
    }

    /** Enough different ones that no compressor finds one again within a batch. */
    private static byte[][] randomValues() {
        Random random = new Random(3);
        byte[][] values = new byte[1 << 14][Dataset.SMALL_VALUE];
        for (byte[] value : values) {
            random.nextBytes(value);
        }
        return values;
    }
}
