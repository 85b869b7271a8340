package io.rediscdc.fuzz;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;

/** What may come of bytes that anybody could have sent. */
final class Outcome {

    private Outcome() {}

    /** The error has to blame the bytes. */
    static void check(RedisCdcException e) {
        if (e.category() != Category.PROTOCOL && e.category() != Category.UNSUPPORTED) {
            throw new AssertionError("category " + e.category(), e);
        }
        if (e.getMessage() == null || e.getMessage().isEmpty()) {
            throw new AssertionError("says nothing", e);
        }
    }
}
