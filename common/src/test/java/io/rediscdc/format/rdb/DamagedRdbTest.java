package io.rediscdc.format.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ChoppedInput;
import io.rediscdc.model.Flavour;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.EnumMap;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Whatever happens to the bytes, the reader fails in its own way or not at all. */
class DamagedRdbTest {

    private static final int HEADER = 9;
    private static final int FLIPS = 20_000;

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void saysWhereItEndsIfCutOffAnywhere(Flavour flavour) throws Exception {
        byte[] rdb = smallRdb(flavour).end();
        for (int length = 0; length < rdb.length; length++) {
            byte[] cut = Arrays.copyOf(rdb, length);
            RedisCdcException e = catchThrowableOfType(RedisCdcException.class, () -> Fixture.read(cut));
            assertThat(e).as("cut at " + length).isNotNull();
            assertThat(e.category()).isEqualTo(Category.PROTOCOL);
            assertThat(e).hasMessageContaining("RDB ends after " + length + " bytes");
        }
        assertThat(Fixture.read(rdb)).hasSizeGreaterThan(2);
    }

    @ParameterizedTest
    @EnumSource(Flavour.class)
    void noticesEveryFlippedByte(Flavour flavour) throws Exception {
        byte[] rdb = smallRdb(flavour).end();
        Random random = new Random(11);
        for (int i = 0; i < FLIPS; i++) {
            byte[] damaged = rdb.clone();
            int at = HEADER + random.nextInt(rdb.length - HEADER);
            damaged[at] ^= (byte) (1 + random.nextInt(255));
            assertThat(readOrFail(damaged)).as("byte %d flipped", at).isFalse();
        }
    }

    /** Without a checksum, so that reading goes on behind what is wrong. */
    @ParameterizedTest
    @EnumSource(Flavour.class)
    void failsOnlyInItsOwnWay(Flavour flavour) throws Exception {
        byte[] rdb = smallRdb(flavour).endWithoutChecksum();
        Random random = new Random(13);
        int read = 0;
        for (int i = 0; i < FLIPS; i++) {
            byte[] damaged = rdb.clone();
            for (int flips = random.nextInt(3); flips >= 0; flips--) {
                damaged[HEADER + random.nextInt(rdb.length - HEADER)] = (byte) random.nextInt(256);
            }
            if (readOrFail(damaged)) {
                read++;
            }
        }
        assertThat(read).isBetween(1, FLIPS - 1);
    }

    private static boolean readOrFail(byte[] rdb) throws IOException {
        try {
            Fixture.read(new ChoppedInput(rdb, () -> 100));
            return true;
        } catch (RedisCdcException e) {
            assertThat(e.category()).isIn(Category.PROTOCOL, Category.UNSUPPORTED);
            return false;
        }
    }

    /** The smallest key of each type that servers of that flavour saved. */
    private static RdbBytes smallRdb(Flavour flavour) throws IOException {
        String[] names = flavour == Flavour.VALKEY
                ? new String[] {"valkey9"}
                : new String[] {"2.8", "3.2", "5.0", "7.0", "7.2", "8.6"};
        Map<RdbType, RdbItem.Key> smallest = new EnumMap<>(RdbType.class);
        for (String name : names) {
            for (RdbItem.Key key : Fixture.keys(Fixture.read(new Fixture(name).bytes()))) {
                smallest.merge(key.type(), key, (a, b) -> a.dump().length <= b.dump().length ? a : b);
            }
        }
        RdbBytes rdb = new RdbBytes(flavour == Flavour.VALKEY ? "VALKEY080" : "REDIS0013");
        rdb.bytes(250).string("name").string("value").bytes(254, 1);
        addAll(rdb, smallest.values());
        return rdb;
    }

    private static void addAll(RdbBytes rdb, Collection<RdbItem.Key> keys) {
        for (RdbItem.Key key : keys) {
            if (key.dump().length < 2_000) {
                byte[] dump = key.dump();
                rdb.bytes(252).littleEndian(1_700_000_000_000L).bytes(key.type().number());
                rdb.bytes(1, 'k').raw(Arrays.copyOfRange(dump, 1, dump.length - DumpPayload.FOOTER_LENGTH));
            }
        }
    }
}
