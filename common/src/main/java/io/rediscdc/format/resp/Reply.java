package io.rediscdc.format.resp;

import java.nio.charset.StandardCharsets;
import java.util.List;

/** What a server answers, in RESP2. */
public sealed interface Reply {

    /** {@code +OK}. */
    record Status(String line) implements Reply {}

    /** {@code -ERR ...}; servers quote arguments here, so it may hold a secret that was sent. */
    record Failure(String line) implements Reply {}

    /** {@code :1}. */
    record Int(long value) implements Reply {}

    /** {@code $3}: any bytes. */
    record Bulk(byte[] bytes) implements Reply {}

    /** {@code *2}: replies. */
    record Array(List<Reply> elements) implements Reply {

        public Array {
            elements = List.copyOf(elements);
        }
    }

    /** {@code $-1} or {@code *-1}. */
    record Nil() implements Reply {}

    default boolean isFailure() {
        return this instanceof Failure;
    }

    /**
     * The text of a status, failure, number or bulk (as UTF-8).
     *
     * @throws IllegalStateException for the others, which have none
     */
    default String text() {
        if (this instanceof Status status) {
            return status.line();
        }
        if (this instanceof Failure failure) {
            return failure.line();
        }
        if (this instanceof Int number) {
            return Long.toString(number.value());
        }
        if (this instanceof Bulk bulk) {
            return new String(bulk.bytes(), StandardCharsets.UTF_8);
        }
        throw new IllegalStateException(getClass().getSimpleName() + " has no text");
    }
}
