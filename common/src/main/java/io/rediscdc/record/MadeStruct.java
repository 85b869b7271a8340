package io.rediscdc.record;

import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;

/**
 * A struct that is made of something else, whose fields are set when somebody looks at one. Where source or sink and our own
 * converter meet, nobody does: then all of a record's fields but the few that it has cost nothing. Not thread-safe.
 */
abstract class MadeStruct<T> extends UncheckedStruct {

    /** Null once a field was changed. */
    private T origin;

    MadeStruct(Schema schema, T origin) {
        super(schema);
        this.origin = origin;
    }

    /** What it was made of; null if it is something else by now. */
    final T origin() {
        return origin;
    }

    /** Sets all fields that are not null. */
    abstract void put(T whole);

    @Override
    final void fill() {
        T whole = origin;
        put(whole);
        origin = whole;
    }

    @Override
    public final UncheckedStruct set(Field field, Object value) {
        super.set(field, value);
        origin = null;
        return this;
    }
}
