package io.rediscdc.record;

import io.rediscdc.model.Change;
import org.apache.kafka.connect.data.Field;

/**
 * A change as a struct of {@link ChangeSchema#VALUE}, whose fields are set when somebody looks at one. Where source or sink and
 * our own converter meet, nobody does: then all of a record's fields but the few that it has cost nothing. Not thread-safe.
 */
public final class ChangeStruct extends UncheckedStruct {

    /** Null once a field was changed. */
    private Change change;

    /** @param change one whose value has nothing but what its struct has; its key is not looked at and may be null */
    public ChangeStruct(Change change) {
        super(ChangeSchema.VALUE);
        this.change = change;
    }

    /** What it was made from, perhaps without its key; null if it is something else by now. */
    public Change change() {
        return change;
    }

    @Override
    void fill() {
        Change whole = change;
        ChangeFields.put(whole, this, null);
        change = whole;
    }

    @Override
    public UncheckedStruct set(Field field, Object value) {
        super.set(field, value);
        change = null;
        return this;
    }
}
