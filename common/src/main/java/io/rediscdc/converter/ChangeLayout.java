package io.rediscdc.converter;

import io.rediscdc.model.Change;
import io.rediscdc.record.ChangeSchema;
import io.rediscdc.record.ChangeStruct;
import org.apache.kafka.connect.data.Struct;

/** That of {@link ChangeSchema#VALUE}: frequent changes are written and read without a look at fields. */
final class ChangeLayout extends Layout {

    private final ChangeWriter writer = new ChangeWriter();
    private final ChangeReader reader = new ChangeReader();

    ChangeLayout() {
        super(ChangeSchema.VALUE);
    }

    @Override
    void writeBody(Struct struct, AvroOutput out) {
        Change change = struct instanceof ChangeStruct whole ? whole.change() : null;
        if (change != null && ChangeWriter.isFrequent(change)) {
            writer.write(change, out);
        } else {
            super.writeBody(struct, out);
        }
    }

    @Override
    Struct readBody(AvroInput in) {
        int start = in.position();
        Change change = reader.read(in);
        if (change != null) {
            return new ChangeStruct(change);
        }
        in.position(start);
        return super.readBody(in);
    }
}
