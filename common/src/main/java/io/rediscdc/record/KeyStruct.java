package io.rediscdc.record;

import io.rediscdc.model.ChangeKey;
import java.util.Objects;
import org.apache.kafka.connect.data.Field;

/** A key as a struct of {@link ChangeSchema#KEY}, whose fields are set when somebody looks at one. Not thread-safe. */
public final class KeyStruct extends UncheckedStruct {

    /** Null once a field was changed. */
    private ChangeKey key;

    public KeyStruct(ChangeKey key) {
        super(ChangeSchema.KEY);
        Objects.requireNonNull(key.key(), "key");
        this.key = key;
    }

    /** What it was made from; null if it is something else by now. */
    public ChangeKey key() {
        return key;
    }

    @Override
    void fill() {
        ChangeKey whole = key;
        set(ChangeSchema.DB, whole.db());
        set(ChangeSchema.KEY_BYTES, whole.key());
        set(ChangeSchema.PART, whole.part());
        key = whole;
    }

    @Override
    public UncheckedStruct set(Field field, Object value) {
        super.set(field, value);
        key = null;
        return this;
    }
}
