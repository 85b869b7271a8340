package io.rediscdc.record;

import io.rediscdc.model.ChangeKey;
import java.util.Objects;

/** A key as a struct of {@link ChangeSchema#KEY}, made when somebody looks at it. Not thread-safe. */
public final class KeyStruct extends MadeStruct<ChangeKey> {

    public KeyStruct(ChangeKey key) {
        super(ChangeSchema.KEY, key);
        Objects.requireNonNull(key.key(), "key");
    }

    /** What it was made of; null if it is something else by now. */
    public ChangeKey key() {
        return origin();
    }

    @Override
    void put(ChangeKey whole) {
        set(ChangeSchema.DB, whole.db());
        set(ChangeSchema.KEY_BYTES, whole.key());
        set(ChangeSchema.PART, whole.part());
    }
}
