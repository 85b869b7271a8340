package io.rediscdc.benchmarks.load;

import io.rediscdc.standalone.redis.RedisConnection;
import java.util.Random;

/** What an empty server is filled with: the same keys and values every time. */
public enum Dataset {
    /** Strings of 100 bytes, mostly zeros: an RDB has them compressed unless the server is told not to. */
    STRINGS {
        @Override
        public void fill(RedisConnection connection, long keys) {
            connection.call("DEBUG", "POPULATE", Long.toString(keys), "key", Integer.toString(SMALL_VALUE));
        }
    },
    /** Strings of 100 bytes and hashes, lists, sets, sorted sets and streams of 10; every fifth key expires, in a day. */
    MIXED {
        @Override
        public void fill(RedisConnection connection, long keys) {
            Mixed mixed = new Mixed(new Pipeline(connection));
            for (long i = 0; i < keys; i++) {
                mixed.key(i);
            }
            mixed.pipeline.flush();
        }
    },
    /** Strings of 4 MB that no compression makes smaller. */
    LARGE {
        @Override
        public void fill(RedisConnection connection, long keys) {
            Random random = new Random(SEED);
            Pipeline pipeline = new Pipeline(connection);
            byte[] value = new byte[LARGE_VALUE];
            for (long i = 0; i < keys; i++) {
                random.nextBytes(value);
                pipeline.add(Words.SET, Words.of("large:", i), value);
            }
            pipeline.flush();
        }
    };

    /** Bytes of a string of {@link #STRINGS}. */
    public static final int SMALL_VALUE = 100;
    /** Bytes of a string of {@link #LARGE}. */
    public static final int LARGE_VALUE = 4_000_000;

    private static final int SEED = 5;

    /** Writes that many keys into database 0, which should be empty. */
    public abstract void fill(RedisConnection connection, long keys);

    /** One key after another, by its number. */
    private static final class Mixed {

        private static final int ELEMENTS = 10;
        private static final int TYPES = 6;
        private static final int EXPIRING = 5;
        private static final byte[] SECONDS = Words.of("86400");

        private final Random random = new Random(SEED);
        private final Pipeline pipeline;
        private final byte[] text = new byte[SMALL_VALUE];

        Mixed(Pipeline pipeline) {
            this.pipeline = pipeline;
        }

        void key(long i) {
            byte[] key = Words.of("mixed:", i);
            switch ((int) (i % TYPES)) {
                case 0 -> pipeline.add(Words.SET, key, text(SMALL_VALUE));
                case 1 -> pipeline.add(pairs(Words.HSET, key, "field:"));
                case 2 -> pipeline.add(elements(Words.of("RPUSH"), key));
                case 3 -> pipeline.add(elements(Words.of("SADD"), key));
                case 4 -> pipeline.add(scores(key));
                default -> stream(key);
            }
            if (i % EXPIRING == 0) {
                pipeline.add(Words.of("EXPIRE"), key, SECONDS);
            }
        }

        private byte[][] pairs(byte[] command, byte[] key, String field) {
            byte[][] words = start(command, key, 2 * ELEMENTS);
            for (int e = 0; e < ELEMENTS; e++) {
                words[2 + 2 * e] = Words.of(field, e);
                words[3 + 2 * e] = text(12);
            }
            return words;
        }

        private byte[][] elements(byte[] command, byte[] key) {
            byte[][] words = start(command, key, ELEMENTS);
            for (int e = 0; e < ELEMENTS; e++) {
                words[2 + e] = text(12);
            }
            return words;
        }

        private byte[][] scores(byte[] key) {
            byte[][] words = start(Words.ZADD, key, 2 * ELEMENTS);
            for (int e = 0; e < ELEMENTS; e++) {
                words[2 + 2 * e] = Words.of(Integer.toString(random.nextInt(1_000_000)));
                words[3 + 2 * e] = text(12);
            }
            return words;
        }

        private void stream(byte[] key) {
            for (int e = 0; e < ELEMENTS; e++) {
                pipeline.add(Words.XADD, key, Words.of("", e + 1), Words.of("event"), text(12));
            }
        }

        private static byte[][] start(byte[] command, byte[] key, int more) {
            byte[][] words = new byte[2 + more][];
            words[0] = command;
            words[1] = key;
            return words;
        }

        private byte[] text(int length) {
            byte[] bytes = length == SMALL_VALUE ? text : new byte[length];
            for (int i = 0; i < length; i++) {
                bytes[i] = (byte) ('a' + random.nextInt(26));
            }
            return bytes;
        }
    }
}
