package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;

/** A writer's share of a cluster is no longer what it claimed: slots were moved, or a master was lost. To be claimed anew. */
final class ReclaimException extends RedisCdcException {

    private static final long serialVersionUID = 1L;

    ReclaimException(String message) {
        super(Category.CONNECTION, message);
    }
}
