package io.rediscdc.converter;

import java.nio.ByteBuffer;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.apache.avro.generic.GenericRecord;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;

/** Structs with anything in their fields, the same for the same seed. Optional ones are null half of the time. */
final class RandomStructs {

    private final Random random;

    RandomStructs(long seed) {
        random = new Random(seed);
    }

    Struct next(Schema schema) {
        Struct struct = new Struct(schema);
        for (Field field : schema.fields()) {
            struct.put(field, value(field.schema()));
        }
        return struct;
    }

    private Object value(Schema schema) {
        if (schema.isOptional() && random.nextBoolean()) {
            return null;
        }
        return switch (schema.type()) {
            case INT32 -> random.nextInt() >> random.nextInt(32);
            case INT64 -> random.nextLong() >> random.nextInt(64);
            case FLOAT64 -> Double.longBitsToDouble(random.nextLong());
            case BOOLEAN -> random.nextBoolean();
            case STRING -> text();
            case BYTES -> bytes();
            case ARRAY ->
                IntStream.range(0, random.nextInt(4))
                        .mapToObj(i -> value(schema.valueSchema()))
                        .toList();
            case STRUCT -> next(schema);
            default -> throw new AssertionError(schema.type());
        };
    }

    private String text() {
        return random.ints(random.nextInt(10) == 0 ? 300 : random.nextInt(12), 0, 0x2000)
                .collect(StringBuilder::new, StringBuilder::appendCodePoint, StringBuilder::append)
                .toString();
    }

    private byte[] bytes() {
        byte[] bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        return bytes;
    }

    /** A Connect or Avro value as lists and simple values that can be compared. */
    static Object plain(Object value) {
        if (value instanceof Struct struct) {
            return struct.schema().fields().stream()
                    .map((Field field) -> plain(struct.get(field)))
                    .toList();
        }
        if (value instanceof GenericRecord record) {
            return record.getSchema().getFields().stream()
                    .map(field -> plain(record.get(field.name())))
                    .toList();
        }
        if (value instanceof List<?> list) {
            return list.stream().map(RandomStructs::plain).toList();
        }
        if (value instanceof byte[] bytes) {
            return ByteBuffer.wrap(bytes);
        }
        return value instanceof CharSequence text ? text.toString() : value == null ? "null" : value;
    }
}
