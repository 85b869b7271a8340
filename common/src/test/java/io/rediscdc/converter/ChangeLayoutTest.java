package io.rediscdc.converter;

import static io.rediscdc.converter.RandomStructs.plain;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Change;
import io.rediscdc.record.ChangeCodec;
import io.rediscdc.record.ChangeSchema;
import io.rediscdc.record.ChangeStruct;
import io.rediscdc.record.RandomChanges;
import java.util.Random;
import java.util.function.Function;
import org.apache.kafka.connect.data.Field;
import org.apache.kafka.connect.data.Struct;
import org.apache.kafka.connect.errors.DataException;
import org.junit.jupiter.api.Test;

/** Holds the short way, which frequent changes take, against the one by fields, which all others take. */
class ChangeLayoutTest {

    private static final int RECORDS = 3_000;

    private final Layout byFields = new Layout(ChangeSchema.VALUE);
    private final Layout layout = new ChangeLayout();
    private final Layout keysByFields = new Layout(ChangeSchema.KEY);
    private final Layout keys = new KeyLayout();
    private final ChangeCodec codec = new ChangeCodec();
    private final RandomChanges changes = new RandomChanges(21);

    @Test
    void bothWaysWriteTheSameBytes() {
        int frequent = 0;
        for (int i = 0; i < RECORDS; i++) {
            Change change = changes.next();
            frequent += ChangeWriter.isFrequent(change) ? 1 : 0;
            assertThat(written(layout, codec.value(change))).isEqualTo(written(byFields, codec.value(change)));
            assertThat(written(keys, codec.key(change.key())))
                    .isEqualTo(written(keysByFields, codec.key(change.key())));
        }
        assertThat(frequent).isGreaterThan(RECORDS / 50);
    }

    @Test
    void bothWaysReadTheSameStructs() {
        int frequent = 0;
        for (int i = 0; i < RECORDS; i++) {
            Change change = changes.next();
            byte[] bytes = written(byFields, codec.value(change));
            Struct struct = layout.read(bytes);
            assertThat(isWhole(struct)).isEqualTo(ChangeWriter.isFrequent(change));
            frequent += isWhole(struct) ? 1 : 0;
            assertThat(plain(struct)).isEqualTo(plain(byFields.read(bytes)));
            byte[] key = written(keysByFields, codec.key(change.key()));
            assertThat(plain(keys.read(key))).isEqualTo(plain(keysByFields.read(key)));
        }
        assertThat(frequent).isGreaterThan(RECORDS / 50);
    }

    @Test
    void bothWaysJudgeDamagedBytesAlike() {
        Random random = new Random(22);
        int read = 0;
        int damaged = 0;
        while (read < RECORDS / 5 || damaged < RECORDS / 5) {
            Change change = changes.next();
            byte[] bytes = written(byFields, codec.value(change));
            int at = Layout.HEADER_LENGTH + random.nextInt(bytes.length - Layout.HEADER_LENGTH);
            bytes[at] = (byte) (random.nextBoolean() ? bytes[at] + 2 : random.nextInt());
            Object one = outcome(layout, bytes);
            assertThat(one).isEqualTo(outcome(byFields, bytes));
            read += "damaged".equals(one) ? 0 : 1;
            damaged += "damaged".equals(one) ? 1 : 0;
        }
    }

    @Test
    void aChangedStructIsWrittenAsItIsNow() {
        for (int i = 0; i < 100; i++) {
            Change change = changes.next();
            Struct struct = layout.read(written(layout, codec.value(change)));
            Struct copy = new Struct(ChangeSchema.VALUE);
            for (Field field : ChangeSchema.VALUE.fields()) {
                copy.put(field, struct.get(field));
            }
            copy.put("ts_ms", -1L);
            struct.put("ts_ms", -1L);
            assertThat(written(layout, struct)).isEqualTo(written(byFields, copy));
            assertThat(codec.change(codec.key(change.key()), struct).stamp().tsMs())
                    .isEqualTo(-1);
        }
    }

    private static boolean isWhole(Struct struct) {
        return struct instanceof ChangeStruct whole && whole.change() != null;
    }

    private static byte[] written(Layout layout, Struct struct) {
        AvroOutput out = new AvroOutput();
        layout.write(struct, out);
        return out.toBytes();
    }

    /** A struct, or that there is none. */
    private static Object outcome(Layout layout, byte[] bytes) {
        Function<byte[], Object> reading = layout::read;
        try {
            return plain(reading.apply(bytes));
        } catch (DataException e) {
            return "damaged";
        }
    }
}
