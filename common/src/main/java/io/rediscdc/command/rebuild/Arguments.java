package io.rediscdc.command.rebuild;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.rediscdc.format.rdb.value.StreamId;

/** Arguments of commands as bytes. */
final class Arguments {

    private Arguments() {}

    static byte[] of(String text) {
        return text.getBytes(ISO_8859_1);
    }

    static byte[] of(long number) {
        return of(Long.toString(number));
    }

    static byte[] of(StreamId id) {
        return of(id.toString());
    }

    /** Reads back as the same double: Java's shortest form does, and strtod() knows its notation. */
    static byte[] score(double score) {
        if (score == (long) score && Math.abs(score) < 1L << 53 && (score != 0 || 1 / score > 0)) {
            return of((long) score);
        }
        if (Double.isInfinite(score)) {
            return of(score > 0 ? "inf" : "-inf");
        }
        return of(Double.toString(score));
    }
}
