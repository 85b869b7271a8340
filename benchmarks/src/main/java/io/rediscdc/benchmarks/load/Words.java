package io.rediscdc.benchmarks.load;

import java.nio.charset.StandardCharsets;

/** Words of commands, as bytes. */
final class Words {

    static final byte[] SET = of("SET");
    static final byte[] HSET = of("HSET");
    static final byte[] ZADD = of("ZADD");
    static final byte[] XADD = of("XADD");

    private Words() {}

    static byte[] of(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    static byte[] of(String prefix, long number) {
        return of(prefix + number);
    }
}
