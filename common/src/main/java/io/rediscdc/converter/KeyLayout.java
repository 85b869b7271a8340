package io.rediscdc.converter;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.record.ChangeSchema;
import io.rediscdc.record.KeyStruct;
import org.apache.kafka.connect.data.Struct;

/** That of {@link ChangeSchema#KEY}: keys are written and read without a look at fields. */
final class KeyLayout extends Layout {

    KeyLayout() {
        super(ChangeSchema.KEY);
    }

    @Override
    void writeBody(Struct struct, AvroOutput out) {
        ChangeKey key = struct instanceof KeyStruct whole ? whole.key() : null;
        if (key == null) {
            super.writeBody(struct, out);
            return;
        }
        out.writeLong(key.db());
        out.writeBytes(key.key());
        if (key.part() == null) {
            out.writeNulls(1);
        } else {
            out.writeIsSet();
            out.writeLong(key.part());
        }
    }

    @Override
    Struct readBody(AvroInput in) {
        int db = in.readInt();
        byte[] key = in.readBytes();
        return new KeyStruct(new ChangeKey(db, key, in.readIsSet() ? (Integer) in.readInt() : null));
    }
}
