package io.rediscdc.source.replica;

import io.rediscdc.error.RedisCdcException;

/** A server is there, and reads its data set: it is a matter of time. */
final class ServerLoadingException extends RedisCdcException {

    private static final long serialVersionUID = 1L;

    ServerLoadingException(String message) {
        super(Category.CONNECTION, message);
    }
}
