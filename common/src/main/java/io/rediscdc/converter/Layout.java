package io.rediscdc.converter;

import io.rediscdc.converter.AvroType.RecordType;
import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import org.apache.avro.SchemaNormalization;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.Struct;

/**
 * How structs of one schema look on the wire: Avro's single-object encoding, which is the bytes C3 01, the CRC-64-AVRO
 * fingerprint of the schema's parsing canonical form (8 bytes, little-endian), and the binary body.
 */
class Layout {

    static final int HEADER_LENGTH = 10;
    private static final short MARKER = (short) 0xC301;

    private static final VarHandle SHORT = MethodHandles.byteArrayViewVarHandle(short[].class, ByteOrder.BIG_ENDIAN);
    private static final VarHandle LONG = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);

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
        return data.length >= HEADER_LENGTH && (short) SHORT.get(data, 0) == MARKER;
    }

    /** The fingerprint in data that has a header. */
    static long fingerprint(byte[] data) {
        return (long) LONG.get(data, Short.BYTES);
    }

    final void write(Struct struct, AvroOutput out) {
        out.writeRaw(header);
        writeBody(struct, out);
    }

    void writeBody(Struct struct, AvroOutput out) {
        type.write(struct, out);
    }

    /** Reads data that has a header with this layout's fingerprint. */
    final Struct read(byte[] data) {
        AvroInput in = new AvroInput(data, HEADER_LENGTH);
        Struct struct = readBody(in);
        in.requireEnd();
        return struct;
    }

    Struct readBody(AvroInput in) {
        return type.read(in);
    }
}
