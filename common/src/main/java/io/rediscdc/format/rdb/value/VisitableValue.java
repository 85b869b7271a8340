package io.rediscdc.format.rdb.value;

/** A value whose elements can be gone through, as often as wanted. */
@FunctionalInterface
public interface VisitableValue {

    /**
     * Hands out the whole value.
     *
     * @throws io.rediscdc.error.RedisCdcException if it turns out to be none; elements may have been handed out before
     */
    void visit(ValueVisitor to);
}
