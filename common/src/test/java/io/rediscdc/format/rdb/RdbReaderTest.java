package io.rediscdc.format.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.ByteInput;
import io.rediscdc.format.ChoppedInput;
import io.rediscdc.model.Flavour;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class RdbReaderTest {

    @Test
    void handsOutWhatIsNoKey() throws Exception {
        byte[] rdb = new RdbBytes("REDIS0012")
                .bytes(250)
                .string("redis-ver")
                .string("8.0.6")
                .bytes(250)
                .string("used-mem")
                .bytes(0xc2, 0x15, 0xcd, 0x5b, 0x07)
                .bytes(245)
                .string("#!lua name=l")
                // Vector sets' module id, "when" 2, a double, a float, a signed number, a string, end.
                .bytes(247)
                .length(0xbde7_2dac_7b1e_b400L)
                .bytes(2, 2, 4)
                .littleEndian(1)
                .bytes(3, 0, 0, 0, 0, 1, 0x41, 0x00, 5, 1, 'x', 0)
                .bytes(254, 3, 251, 0x40, 0xff, 7, 244, 0x4f, 1, 2, 3)
                .end();

        List<RdbItem> items = Fixture.read(rdb);

        assertThat(items).hasSize(9);
        assertThat(items.get(0)).isEqualTo(new RdbItem.Header(Flavour.REDIS, 12));
        assertThat(((RdbItem.Aux) items.get(1)).name()).isEqualTo("redis-ver");
        assertThat(((RdbItem.Aux) items.get(1)).text()).isEqualTo("8.0.6");
        assertThat(((RdbItem.Aux) items.get(2)).text()).isEqualTo("123456789");
        assertThat(((RdbItem.FunctionLibrary) items.get(3)).code()).asString().isEqualTo("#!lua name=l");
        assertThat(((RdbItem.ModuleAux) items.get(4)).module()).hasSize(9);
        assertThat(items.get(5)).isEqualTo(new RdbItem.SelectDb(3));
        assertThat(items.get(6)).isEqualTo(new RdbItem.ResizeDb(3, 255, 7));
        assertThat(items.get(7)).isEqualTo(new RdbItem.SlotInfo(0xf01, 2, 3));
        assertThat(((RdbItem.End) items.get(8)).bytes()).isEqualTo(rdb.length);
    }

    @Test
    void saysOfAKeyWhatStandsBeforeItAndOfTheNextNothing() throws Exception {
        byte[] rdb = new RdbBytes("REDIS0009")
                .bytes(252)
                .littleEndian(1_700_000_000_123L)
                .bytes(248, 0x41, 0x00, 0)
                .string("idle")
                .string("v")
                .bytes(253, 0x00, 0xf1, 0x53, 0x65, 249, 200, 0)
                .string("frequent")
                .bytes(0xc0, 0xff)
                .bytes(0)
                .string("neither")
                .string("")
                .end();

        List<RdbItem.Key> keys = Fixture.keys(Fixture.read(rdb));

        RdbItem.Key idle = keys.get(0);
        assertThat(idle.key()).asString().isEqualTo("idle");
        assertThat(idle.expireAtMs()).isEqualTo(1_700_000_000_123L);
        assertThat(idle.idleSeconds()).isEqualTo(256);
        assertThat(idle.freq()).isEqualTo(RdbItem.Key.NONE);
        RdbItem.Key frequent = keys.get(1);
        assertThat(frequent.expireAtMs()).isEqualTo(1_700_000_000_000L);
        assertThat(frequent.idleSeconds()).isEqualTo(RdbItem.Key.NONE);
        assertThat(frequent.freq()).isEqualTo(200);
        assertThat(DumpPayload.string(frequent.dump())).asString().isEqualTo("-1");
        RdbItem.Key neither = keys.get(2);
        assertThat(neither.expires()).isFalse();
        assertThat(neither.freq()).isEqualTo(RdbItem.Key.NONE);
        assertThat(neither.db()).isZero();
    }

    @Test
    void putsKeyMetadataOfRedisBeforeTheTypeAsDumpDoes() throws Exception {
        int[] meta = {243, 2, 'a', 'b', 'c', 'd', 2, 9, 0, 'e', 'f', 'g', 'h', 5, 2, 'h', 'i', 0};
        byte[] rdb = new RdbBytes("REDIS0013")
                .bytes(meta)
                .bytes(0)
                .string("k")
                .bytes(1, 'v')
                .bytes(0)
                .string("without")
                .bytes(1, 'w')
                .end();

        List<RdbItem.Key> keys = Fixture.keys(Fixture.read(rdb));

        byte[] dump = keys.get(0).dump();
        byte[] expected = new RdbBytes("").bytes(meta).bytes(0, 1, 'v', 13, 0).unfinished();
        assertThat(Arrays.copyOf(dump, dump.length - 8)).isEqualTo(expected);
        assertThat(DumpPayload.isIntact(dump)).isTrue();
        assertThat(DumpPayload.hasKeyMeta(dump, Flavour.REDIS)).isTrue();
        assertThat(DumpPayload.type(dump, Flavour.REDIS)).isEqualTo(RdbType.STRING);
        assertThat(DumpPayload.isPlainString(dump)).isFalse();
        assertThat(DumpPayload.hasKeyMeta(keys.get(1).dump(), Flavour.REDIS)).isFalse();
    }

    @Test
    void takesTheSameOpcodeAsASlotImportInValkey() throws Exception {
        byte[] rdb = new RdbBytes("VALKEY080")
                .bytes(243)
                .string("job")
                .bytes(2, 0, 5, 0x7f, 0xfe, 0x7f, 0xff)
                .end();

        RdbItem.SlotImport slots = (RdbItem.SlotImport) Fixture.read(rdb).get(1);

        assertThat(slots.job()).isEqualTo("job");
        assertThat(slots.ranges()).containsExactly(0, 5, 16382, 16383);
    }

    /** No fixture has producers: their layout is from the sources of Redis 8.6 only. */
    @Test
    void findsTheEndOfAStreamThatKnowsItsProducers() throws Exception {
        byte[] rdb = new RdbBytes("REDIS0013")
                .bytes(26)
                .string("s")
                .bytes(0, 0, 0, 0, 0, 0, 0, 0, 0, 0)
                .bytes(0x40, 100, 0x40, 100, 1)
                .string("producer")
                .bytes(1)
                .string("id")
                .length(1_700_000_000_000L)
                .bytes(3, 1, 0)
                .end();
        assertThat(Fixture.keys(Fixture.read(rdb))).hasSize(1);
    }

    @Test
    void knowsTheTypesOfReleaseCandidatesAndZipmaps() throws Exception {
        byte[] rdb = new RdbBytes("REDIS0012")
                .bytes(22)
                .string("h")
                .bytes(1, 0, 1, 'f', 1, 'v')
                .bytes(23)
                .string("l")
                .string("listpack")
                .bytes(9)
                .string("z")
                .string("zipmap")
                .bytes(3)
                .string("scores")
                .bytes(3, 1, 'a', 253, 1, 'b', 255, 1, 'c', 3, '1', '.', '5')
                .end();
        assertThat(Fixture.keys(Fixture.read(rdb)))
                .extracting(RdbItem.Key::type)
                .containsExactly(
                        RdbType.HASH_METADATA_PRE_GA,
                        RdbType.HASH_LISTPACK_EX_PRE_GA,
                        RdbType.HASH_ZIPMAP,
                        RdbType.ZSET);
    }

    @Test
    void leavesWhatFollowsTheRdb() throws Exception {
        byte[] bytes =
                new RdbBytes("REDIS0011").bytes(0).string("k").string("v").end();
        byte[] withTail = Arrays.copyOf(bytes, bytes.length + 1);
        withTail[bytes.length] = '*';
        ByteInput input = new ArrayInput(withTail);

        Fixture.read(input);

        assertThat(input.position()).isEqualTo(bytes.length);
        assertThat(input.readByte()).isEqualTo((byte) '*');
    }

    @Test
    void readsOldVersionsWithoutChecksum() throws Exception {
        byte[] bytes = new RdbBytes("REDIS0003")
                .bytes(254, 0, 0)
                .string("k")
                .string("v")
                .bytes(255)
                .unfinished();
        List<RdbItem> items = Fixture.read(bytes);
        assertThat(items.get(items.size() - 1)).isEqualTo(new RdbItem.End(bytes.length, 0));
    }

    @ParameterizedTest
    @CsvSource({"REDIS0014, 14", "REDIS0000, 0", "REDIS0080, 80", "VALKEY081, 81", "VALKEY011, 11"})
    void namesAVersionItDoesNotKnow(String magic, String version) {
        RedisCdcException e = failure(new RdbBytes(magic).end());
        assertThat(e.category()).isEqualTo(Category.UNSUPPORTED);
        assertThat(e).hasMessageContaining("RDB version " + version + " of ");
    }

    @ParameterizedTest
    @ValueSource(strings = {"redis0010", "REDIS00x0", "VALKEY08x", "+PONG\r\n+P"})
    void refusesWhatIsNoRdb(String magic) {
        RedisCdcException e = failure(new RdbBytes(magic).end());
        assertThat(e.category()).isEqualTo(Category.PROTOCOL);
        assertThat(e).hasMessageContaining("no RDB");
    }

    @ParameterizedTest
    @CsvSource({
        "REDIS0013, 27",
        "REDIS0013, 8",
        "REDIS0013, 242",
        "REDIS0010, 246",
        "REDIS0009, 6",
        "VALKEY080, 23",
        "VALKEY080, 26"
    })
    void namesAnOpcodeOrTypeItDoesNotKnow(String magic, int opcode) {
        RedisCdcException e =
                failure(new RdbBytes(magic).bytes(opcode).string("k").end());
        assertThat(e.category()).isEqualTo(Category.UNSUPPORTED);
        assertThat(e).hasMessageContaining(String.valueOf(opcode)).hasMessageMatching(".* at byte \\d+ of .*");
        assertThat(e.getMessage()).contains(opcode == 6 ? "module" : "version " + Integer.parseInt(magic.substring(6)));
    }

    @Test
    void comparesTheChecksum() throws Exception {
        byte[] rdb =
                new RdbBytes("REDIS0010").bytes(0).string("key").string("value").end();
        rdb[rdb.length - 1] ^= 1;
        RedisCdcException e = failure(rdb);
        assertThat(e.category()).isEqualTo(Category.PROTOCOL);
        assertThat(e)
                .hasMessageMatching(".*checksum at byte " + (rdb.length - 8)
                        + " is [0-9a-f]{16}, that of the bytes before it [0-9a-f]{16}.*");

        byte[] without =
                new RdbBytes("REDIS0010").bytes(0).string("key").string("value").endWithoutChecksum();
        assertThat(Fixture.read(without)).hasSize(3);
    }

    @ParameterizedTest
    @ValueSource(longs = {1L << 20, Integer.MAX_VALUE, 1L << 31, Long.MAX_VALUE, -1, Long.MIN_VALUE})
    void neitherTrustsALengthNorACount(long lie) {
        for (RdbType type : RdbType.values()) {
            String magic = type.isIn(Flavour.REDIS) ? "REDIS0013" : "VALKEY080";
            byte[] value = new RdbBytes(magic)
                    .bytes(type.number())
                    .string("k")
                    .length(lie)
                    .string("some")
                    .end();
            assertThatThrownBy(() -> Fixture.read(value)).isInstanceOf(RedisCdcException.class);
        }
        byte[] key = new RdbBytes("REDIS0013").bytes(0).length(lie).string("k").end();
        assertThatThrownBy(() -> Fixture.read(key)).isInstanceOf(RedisCdcException.class);
        byte[] lzf = new RdbBytes("REDIS0013")
                .bytes(0, 0xc3, 2)
                .length(lie)
                .bytes(0, 'a')
                .end();
        assertThatThrownBy(() -> Fixture.read(lzf)).isInstanceOf(RedisCdcException.class);
    }

    @ParameterizedTest
    @ValueSource(ints = {1, 10, 1_000_000})
    void namesTheOptionWhenAValueIsTooLarge(int window) throws Exception {
        byte[] rdb = new RdbBytes("REDIS0010")
                .bytes(0)
                .string("small")
                .string("x".repeat(98))
                .bytes(0)
                .string("large")
                .string("x".repeat(99))
                .end();
        RdbReader reader = new RdbReader(new ChoppedInput(rdb, () -> window), 100);
        reader.next();
        assertThat(reader.next()).isInstanceOf(RdbItem.Key.class);

        RedisCdcException e = catchThrowableOfType(RedisCdcException.class, reader::next);

        assertThat(e.category()).isEqualTo(Category.UNSUPPORTED);
        assertThat(e).hasMessageContaining("key length 5").hasMessageContaining("max.record.bytes = 100");
        assertThat(e).hasMessageContaining("101 bytes so far");
    }

    @Test
    void namesTheOptionWhenAKeyIsTooLarge() {
        byte[] rdb = new RdbBytes("REDIS0010")
                .bytes(0)
                .string("k".repeat(101))
                .string("v")
                .end();
        RdbReader reader = new RdbReader(new ArrayInput(rdb), 100);
        assertThatThrownBy(() -> {
                    reader.next();
                    reader.next();
                })
                .isInstanceOf(RedisCdcException.class)
                .hasMessageContaining("max.record.bytes = 100");
    }

    @Test
    void saysNothingMoreAfterTheEnd() throws Exception {
        RdbReader reader = new RdbReader(new ArrayInput(new RdbBytes("REDIS0010").end()), Fixture.UNBOUNDED);
        assertThat(reader.next()).isInstanceOf(RdbItem.Header.class);
        assertThat(reader.next()).isInstanceOf(RdbItem.End.class);
        assertThat(reader.next()).isNull();
        assertThat(reader.next()).isNull();
        assertThat(reader.flavour()).isEqualTo(Flavour.REDIS);
        assertThat(reader.rdbVersion()).isEqualTo(10);
    }

    private static RedisCdcException failure(byte[] rdb) {
        RedisCdcException e = catchThrowableOfType(RedisCdcException.class, () -> Fixture.read(rdb));
        assertThat(e).as(new String(rdb, ISO_8859_1)).isNotNull();
        return e;
    }
}
