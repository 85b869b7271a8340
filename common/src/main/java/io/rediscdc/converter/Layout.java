package io.rediscdc.converter;

import io.rediscdc.converter.AvroType.RecordType;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.avro.SchemaNormalization;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;

/**
 * How structs of one schema look on the wire: Avro's single-object encoding, which is the bytes C3 01, the CRC-64-AVRO
 * fingerprint of the schema's parsing canonical form (8 bytes, little-endian), and the binary body.
 */
final class Layout {

    static final int HEADER_LENGTH = 10;
    private static final short MARKER = (short) 0xC301;

    private final Schema schema;
    private final long fingerprint;
    private final byte[] header;
    private final RecordType type;

    Layout(Schema schema) {
        this.schema = schema;
        fingerprint = SchemaNormalization.parsingFingerprint64(AvroSchemas.of(schema));
        header = ByteBuffer.allocate(HEADER_LENGTH)
                .putShort(MARKER)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putLong(fingerprint)
                .array();
        type = AvroType.ofRecord(schema);
    }

    Schema schema() {
        return schema;
    }

    long fingerprint() {
        return fingerprint;
    }

    static boolean hasHeader(byte[] data) {
        return data.length >= HEADER_LENGTH && ByteBuffer.wrap(data).getShort() == MARKER;
    }

    /** The fingerprint in data that has a header. */
    static long fingerprint(byte[] data) {
        return ByteBuffer.wrap(data).order(ByteOrder.LITTLE_ENDIAN).getLong(Short.BYTES);
    }

    void write(Struct struct, AvroOutput out) {
        out.writeRaw(header);
        type.write(struct, out);
    }

    /** Reads data that has a header with this layout's fingerprint. */
    Struct read(byte[] data) {
        AvroInput in = new AvroInput(data, HEADER_LENGTH);
        Struct struct = type.read(in);
        in.requireEnd();
        return struct;
    }
}
