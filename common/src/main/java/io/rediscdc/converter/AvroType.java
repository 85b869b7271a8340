package io.rediscdc.converter;

import io.rediscdc.record.UncheckedStruct;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;

/**
 * A Connect type, compiled to what writes and reads its values in Avro's binary encoding. Values are of the classes that
 * Connect has for the type, never null.
 */
abstract class AvroType {

    abstract void write(Object value, AvroOutput out);

    abstract Object read(AvroInput in);

    static RecordType ofRecord(Schema struct) {
        return new RecordType(struct, true);
    }

    /** @param namesRecur whether strings are likely to be those of the record before */
    private static AvroType of(Schema schema, boolean namesRecur) {
        return switch (schema.type()) {
            case INT32 -> new Int32Type();
            case INT64 -> new Int64Type();
            case FLOAT64 -> new Float64Type();
            case BOOLEAN -> new BooleanType();
            case STRING -> namesRecur ? new NameType() : new StringType();
            case BYTES -> new BytesType();
            case ARRAY -> new ArrayType(of(schema.valueSchema(), namesRecur));
            case STRUCT -> new RecordType(schema, false);
            case INT8, INT16, FLOAT32, MAP ->
                throw new IllegalArgumentException("no field of a change is " + schema.type());
        };
    }

    private static final class Int32Type extends AvroType {
        @Override
        void write(Object value, AvroOutput out) {
            out.writeLong((Integer) value);
        }

        @Override
        Object read(AvroInput in) {
            return in.readInt();
        }
    }

    private static final class Int64Type extends AvroType {

        /** Epochs, times and a snapshot's offsets recur: the last box serves again. Any thread may lose the other's. */
        private Long last = 0L;

        @Override
        void write(Object value, AvroOutput out) {
            out.writeLong((Long) value);
        }

        @Override
        Object read(AvroInput in) {
            long value = in.readLong();
            Long box = last;
            if (box != value) {
                box = value;
                last = box;
            }
            return box;
        }
    }

    private static final class Float64Type extends AvroType {
        @Override
        void write(Object value, AvroOutput out) {
            out.writeDouble((Double) value);
        }

        @Override
        Object read(AvroInput in) {
            return in.readDouble();
        }
    }

    private static final class BooleanType extends AvroType {
        @Override
        void write(Object value, AvroOutput out) {
            out.writeByte((Boolean) value ? 1 : 0);
        }

        @Override
        Object read(AvroInput in) {
            return in.readBoolean();
        }
    }

    private static final class StringType extends AvroType {
        @Override
        void write(Object value, AvroOutput out) {
            out.writeBytes(((String) value).getBytes(StandardCharsets.UTF_8));
        }

        @Override
        Object read(AvroInput in) {
            return in.readString();
        }
    }

    private static final class NameType extends AvroType {

        private final Names names = new Names();

        @Override
        void write(Object value, AvroOutput out) {
            out.writeBytes(names.encode((String) value));
        }

        @Override
        Object read(AvroInput in) {
            return in.readString(names);
        }
    }

    private static final class BytesType extends AvroType {
        @Override
        void write(Object value, AvroOutput out) {
            if (value instanceof byte[] bytes) {
                out.writeBytes(bytes);
            } else {
                ByteBuffer buffer = ((ByteBuffer) value).duplicate();
                byte[] bytes = new byte[buffer.remaining()];
                buffer.get(bytes);
                out.writeBytes(bytes);
            }
        }

        @Override
        Object read(AvroInput in) {
            return in.readBytes();
        }
    }

    private static final class ArrayType extends AvroType {

        private final AvroType element;

        ArrayType(AvroType element) {
            this.element = element;
        }

        @Override
        void write(Object value, AvroOutput out) {
            List<?> list = (List<?>) value;
            if (!list.isEmpty()) {
                out.writeLong(list.size());
                for (Object each : list) {
                    element.write(each, out);
                }
            }
            out.writeByte(0);
        }

        @Override
        Object read(AvroInput in) {
            int count = in.readBlockCount();
            List<Object> list = new ArrayList<>(count);
            while (count != 0) {
                for (int i = 0; i < count; i++) {
                    list.add(element.read(in));
                }
                count = in.readBlockCount();
            }
            return list;
        }
    }

    /** A struct. Most fields of a change are null: those cost one byte, and no call. */
    static final class RecordType extends AvroType {

        private final Schema schema;
        private final Field[] fields;
        private final boolean[] optional;
        private final AvroType[] types;

        private RecordType(Schema schema, boolean namesRecur) {
            this.schema = schema;
            fields = schema.fields().toArray(new Field[0]);
            optional = new boolean[fields.length];
            types = new AvroType[fields.length];
            for (int i = 0; i < fields.length; i++) {
                optional[i] = fields[i].schema().isOptional();
                types[i] = of(fields[i].schema(), namesRecur);
            }
        }

        @Override
        void write(Object value, AvroOutput out) {
            Struct struct = (Struct) value;
            for (int i = 0; i < fields.length; i++) {
                Object fieldValue = struct.get(fields[i]);
                if (fieldValue == null) {
                    if (!optional[i]) {
                        throw new DataException("field '" + fields[i].name() + "' of " + schema.name() + " is null");
                    }
                    out.writeByte(0);
                } else {
                    if (optional[i]) {
                        out.writeIsSet();
                    }
                    types[i].write(fieldValue, out);
                }
            }
        }

        @Override
        Struct read(AvroInput in) {
            UncheckedStruct struct = new UncheckedStruct(schema);
            for (int i = 0; i < fields.length; i++) {
                if (!optional[i] || in.readIsSet()) {
                    struct.set(fields[i], types[i].read(in));
                }
            }
            return struct;
        }
    }
}
