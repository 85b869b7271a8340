package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;

/** Keys may have changed that nobody has told us of: all has to be read again. */
final class ChangesMissedException extends RedisCdcException {

    private static final long serialVersionUID = 1L;

    ChangesMissedException(String why) {
        super(Category.CONNECTION, why);
    }
}
