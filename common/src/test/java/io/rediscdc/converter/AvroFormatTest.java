package io.rediscdc.converter;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.record.ChangeSchema;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.apache.avro.Schema;
import org.apache.avro.SchemaFormatter;
import org.apache.avro.generic.GenericData;
import org.apache.avro.generic.GenericDatumWriter;
import org.apache.avro.generic.GenericRecord;
import org.apache.avro.io.BinaryEncoder;
import org.apache.avro.io.EncoderFactory;
import org.apache.avro.message.BinaryMessageDecoder;
import org.apache.avro.message.BinaryMessageEncoder;
import org.apache.kafka.connect.data.Struct;
import org.junit.jupiter.api.Test;

/** Holds the wire format against Avro's own implementation, and the schemas against those that are published. */
class AvroFormatTest {

    /** Where other tools find the schemas; seen from this module. */
    private static final Path PUBLISHED = Path.of("..", "docs", "schema");

    private final ChangeConverter converter = new ChangeConverter();

    @Test
    void publishesItsSchemas() throws IOException {
        assertThat(Files.readString(PUBLISHED.resolve("key.avsc"))).isEqualTo(pretty(ChangeSchema.KEY));
        assertThat(Files.readString(PUBLISHED.resolve("change.avsc"))).isEqualTo(pretty(ChangeSchema.VALUE));
    }

    private static String pretty(org.apache.kafka.connect.data.Schema schema) {
        return SchemaFormatter.format("json/pretty", AvroSchemas.of(schema)) + "\n";
    }

    /** A changed fingerprint means that readers of before cannot read: never without keeping the old layout readable. */
    @Test
    void keepsItsFingerprints() {
        assertThat(new Layout(ChangeSchema.KEY).fingerprint()).isEqualTo(0x4605202AF8341863L);
        assertThat(new Layout(ChangeSchema.VALUE).fingerprint()).isEqualTo(0xC284F6B57971524FL);
    }

    @Test
    void writesWhatAvroReads() throws IOException {
        RandomStructs structs = new RandomStructs(3);
        for (org.apache.kafka.connect.data.Schema schema : List.of(ChangeSchema.KEY, ChangeSchema.VALUE)) {
            BinaryMessageDecoder<GenericRecord> decoder =
                    new BinaryMessageDecoder<>(GenericData.get(), AvroSchemas.of(schema));
            for (int i = 0; i < 300; i++) {
                Struct struct = structs.next(schema);
                GenericRecord record = decoder.decode(converter.fromConnectData("t", schema, struct));
                assertThat(RandomStructs.plain(record)).isEqualTo(RandomStructs.plain(struct));
            }
        }
    }

    @Test
    void readsWhatAvroWrites() throws IOException {
        RandomStructs structs = new RandomStructs(4);
        Schema avro = AvroSchemas.of(ChangeSchema.VALUE);
        BinaryMessageDecoder<GenericRecord> decoder = new BinaryMessageDecoder<>(GenericData.get(), avro);
        int blockedOtherwise = 0;
        BinaryMessageEncoder<GenericRecord> encoder = new BinaryMessageEncoder<>(GenericData.get(), avro);
        for (int i = 0; i < 300; i++) {
            Struct struct = structs.next(ChangeSchema.VALUE);
            byte[] ours = converter.fromConnectData("t", ChangeSchema.VALUE, struct);
            GenericRecord record = decoder.decode(ours);
            ByteBuffer avros = encoder.encode(record);
            assertThat(avros).isEqualTo(ByteBuffer.wrap(ours));
            byte[] blocked = blocked(ours, record);
            blockedOtherwise += Arrays.equals(blocked, ours) ? 0 : 1;
            Object read = converter.toConnectData("t", blocked).value();
            assertThat(RandomStructs.plain(read)).isEqualTo(RandomStructs.plain(struct));
        }
        assertThat(blockedOtherwise).isGreaterThan(100);
    }

    /** Avro lets arrays come in several blocks, each with its size. */
    private static byte[] blocked(byte[] ours, GenericRecord record) throws IOException {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(ours, 0, Layout.HEADER_LENGTH);
        BinaryEncoder encoder = new EncoderFactory().configureBlockSize(64).blockingBinaryEncoder(out, null);
        new GenericDatumWriter<GenericRecord>(record.getSchema()).write(record, encoder);
        encoder.flush();
        return out.toByteArray();
    }
}
