package io.rediscdc.record;

import io.rediscdc.model.Change;

/** A change as a struct of {@link ChangeSchema#VALUE}, made when somebody looks at it. Not thread-safe. */
public final class ChangeStruct extends MadeStruct<Change> {

    /** @param change one whose value has nothing but what its struct has; its key is not looked at and may be null */
    public ChangeStruct(Change change) {
        super(ChangeSchema.VALUE, change);
    }

    /** What it was made of, perhaps without its key; null if it is something else by now. */
    public Change change() {
        return origin();
    }

    @Override
    void put(Change whole) {
        ChangeFields.put(whole, this, null);
    }
}
