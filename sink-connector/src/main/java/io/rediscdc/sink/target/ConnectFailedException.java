package io.rediscdc.sink.target;

import io.rediscdc.error.RedisCdcException;

/** No connection could be made. */
final class ConnectFailedException extends RedisCdcException {

    private static final long serialVersionUID = 1L;

    private final ConnectFailure.Kind kind;

    ConnectFailedException(ConnectFailure failure, Throwable cause) {
        super(failure.kind().category(), failure.message(), cause);
        this.kind = failure.kind();
    }

    ConnectFailure.Kind kind() {
        return kind;
    }
}
