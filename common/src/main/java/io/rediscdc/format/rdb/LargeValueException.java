package io.rediscdc.format.rdb;

import io.rediscdc.error.RedisCdcException;

/** A value is beyond the bound, and of a type that can be read element by element instead. */
public final class LargeValueException extends RedisCdcException {

    private static final long serialVersionUID = 1L;

    LargeValueException(String message, Throwable cause) {
        super(Category.UNSUPPORTED, message, cause);
    }
}
