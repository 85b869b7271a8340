package io.rediscdc.converter;

import io.rediscdc.Version;
import io.rediscdc.record.ChangeSchema;
import java.util.Map;
import java.util.concurrent.atomic.AtomicReference;
import org.apache.kafka.common.config.ConfigDef;
import org.apache.kafka.connect.components.Versioned;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.data.SchemaAndValue;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.apache.kafka.connect.storage.Converter;

/**
 * Keys and values of change records as compact binary, without a schema registry: Avro's single-object encoding (Avro
 * specification, "Single-object encoding") of the two schemas of {@link ChangeSchema}, whose Avro form is in
 * docs/schema. Null (a tombstone) stays null. Has no configuration.
 *
 * <p>It is for these records and nothing else, and answers with a {@link DataException} to any other schema, to a
 * fingerprint it does not know and to damaged bytes. Structs it reads have the schema instances of {@link ChangeSchema}.
 *
 * <p>Threads may share an instance, though a task has its own.
 */
public final class ChangeConverter implements Converter, Versioned {

    private final Layout key = new KeyLayout();
    private final Layout value = new ChangeLayout();

    /** Kept between records; taken out while in use, so that a second thread gets one of its own. */
    private final AtomicReference<AvroOutput> spareOutput = new AtomicReference<>();

    /** A schema that equals one of ours without being it, as another class loader's does: the one seen last. */
    private volatile Alias lastAlias = new Alias(null, null);

    private record Alias(Schema schema, Layout layout) {}

    @Override
    public String version() {
        return Version.text();
    }

    @Override
    public ConfigDef config() {
        return new ConfigDef();
    }

    /** Does nothing: keys and values tell themselves apart. */
    @Override
    public void configure(Map<String, ?> configs, boolean isKey) {}

    @Override
    public byte[] fromConnectData(String topic, Schema schema, Object data) {
        if (data == null) {
            return null;
        }
        if (!(data instanceof Struct struct)) {
            throw notOurs(topic, schema == null ? "data without a schema" : schema.type() + " data");
        }
        Layout layout = layoutOf(topic, struct.schema());
        AvroOutput spare = spareOutput.getAndSet(null);
        AvroOutput out = spare == null ? new AvroOutput() : spare;
        out.reset();
        layout.write(struct, out);
        byte[] bytes = out.toBytes();
        spareOutput.set(out);
        return bytes;
    }

    @Override
    public SchemaAndValue toConnectData(String topic, byte[] data) {
        if (data == null) {
            return SchemaAndValue.NULL;
        }
        if (!Layout.hasHeader(data)) {
            throw new DataException("a record of topic '" + topic + "' (" + data.length
                    + " bytes) was not written by " + ChangeConverter.class.getName()
                    + ": it does not begin with C3 01; set key.converter and value.converter to those of the source");
        }
        long fingerprint = Layout.fingerprint(data);
        Layout layout;
        if (fingerprint == value.fingerprint()) {
            layout = value;
        } else if (fingerprint == key.fingerprint()) {
            layout = key;
        } else {
            throw new DataException(String.format(
                    "a record of topic '%s' has schema fingerprint %016x, which version %s does not know: it was written"
                            + " by a newer version; upgrade the plugin here",
                    topic, fingerprint, version()));
        }
        return new SchemaAndValue(layout.schema(), layout.read(data));
    }

    private Layout layoutOf(String topic, Schema schema) {
        if (schema == ChangeSchema.VALUE) {
            return value;
        }
        if (schema == ChangeSchema.KEY) {
            return key;
        }
        Alias alias = lastAlias;
        if (alias.schema != schema) {
            if (value.schema().equals(schema)) {
                alias = new Alias(schema, value);
            } else if (key.schema().equals(schema)) {
                alias = new Alias(schema, key);
            } else {
                throw notOurs(topic, "a struct '" + schema.name() + "'");
            }
            lastAlias = alias;
        }
        return alias.layout;
    }

    private static DataException notOurs(String topic, String what) {
        return new DataException(ChangeConverter.class.getName() + " writes the records of the Redis source connector ("
                + ChangeSchema.KEY_NAME + ", " + ChangeSchema.VALUE_NAME + "), but got " + what + " for topic '" + topic
                + "'; for other data, also for what transforms have made of these records, set key.converter and"
                + " value.converter to a general one such as org.apache.kafka.connect.json.JsonConverter");
    }
}
