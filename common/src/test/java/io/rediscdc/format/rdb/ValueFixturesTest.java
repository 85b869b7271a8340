package io.rediscdc.format.rdb;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.ChoppedInput;
import io.rediscdc.format.rdb.value.CanonicalValue;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.rdb.value.DumpDecoder;
import io.rediscdc.format.rdb.value.ValueDecoder;
import io.rediscdc.model.Flavour;
import java.util.Arrays;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Every value that a server saved has the elements which that server says it has. */
class ValueFixturesTest {

    static final List<String> FIXTURES = Fixture.NAMES_AND_VERSIONS;

    /** Whose encoding no server of a fixture writes: release candidates, and modules before 4.0. */
    private static final Set<RdbType> WITHOUT_FIXTURE = EnumSet.of(
            RdbType.HASH_METADATA_PRE_GA,
            RdbType.HASH_LISTPACK_EX_PRE_GA,
            RdbType.MODULE_PRE_GA,
            RdbType.HASH_ZIPMAP,
            RdbType.LIST_QUICKLIST_2);

    @ParameterizedTest
    @FieldSource("FIXTURES")
    void decodesWhatTheServerSays(String nameAndVersion) throws Exception {
        Fixture fixture = new Fixture(nameAndVersion.substring(0, nameAndVersion.indexOf(',')));
        Map<String, String> digests = new HashMap<>();
        for (Fixture.Expected expected : fixture.expected()) {
            digests.put(expected.db() + " " + expected.key(), expected.valueDigest());
        }
        List<RdbItem> items = Fixture.read(fixture.bytes());
        Flavour flavour = ((RdbItem.Header) items.get(0)).flavour();

        int decoded = 0;
        for (RdbItem.Key key : Fixture.keys(items)) {
            String expected = digests.get(key.db() + " " + Base64.getEncoder().encodeToString(key.key()));
            if (key.type() == RdbType.MODULE_2) {
                assertThat(expected).isEqualTo("-");
                assertThatThrownBy(() -> decode(key, flavour)).isInstanceOf(RedisCdcException.class);
                continue;
            }
            CanonicalValue value = decode(key, flavour);
            assertThat(value.digest())
                    .as("%s in database %d, %s", new String(key.key(), ISO_8859_1), key.db(), key.type())
                    .isEqualTo(expected);
            assertThat(inPieces(key).lines()).isEqualTo(value.lines());
            decoded++;
        }
        assertThat(decoded).isGreaterThan(90);
    }

    @Test
    void fixturesHaveEveryType() throws Exception {
        Set<RdbType> types = EnumSet.noneOf(RdbType.class);
        for (String nameAndVersion : FIXTURES) {
            Fixture fixture = new Fixture(nameAndVersion.substring(0, nameAndVersion.indexOf(',')));
            Fixture.keys(Fixture.read(fixture.bytes())).forEach(key -> types.add(key.type()));
        }
        assertThat(types).containsAll(EnumSet.complementOf(EnumSet.copyOf(WITHOUT_FIXTURE)));
    }

    private static CanonicalValue decode(RdbItem.Key key, Flavour flavour) {
        CanonicalValue value = new CanonicalValue(false);
        assertThat(DumpDecoder.decode(key.dump(), flavour, DecodeLimits.DEFAULT, value))
                .isEqualTo(key.type());
        return value;
    }

    /** Through a window of odd sizes, strings in pieces of 100 bytes. */
    private static CanonicalValue inPieces(RdbItem.Key key) throws Exception {
        Random random = new Random(3);
        byte[] value = Arrays.copyOfRange(key.dump(), 1, key.dump().length - DumpPayload.FOOTER_LENGTH);
        ChoppedInput in = new ChoppedInput(value, () -> 1 + random.nextInt(5_000));
        CanonicalValue to = new CanonicalValue(false);
        new ValueDecoder(in, new DecodeLimits(1 << 20, 100, 1 << 20, "the limit")).decode(key.type(), to);
        assertThat(in.position()).isEqualTo(value.length);
        return to;
    }
}
