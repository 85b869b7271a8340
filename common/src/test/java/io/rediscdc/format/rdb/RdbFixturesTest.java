package io.rediscdc.format.rdb;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.within;

import io.rediscdc.format.ChoppedInput;
import io.rediscdc.model.Flavour;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Base64;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Every RDB a server saved is read as that server itself describes its keys. */
class RdbFixturesTest {

    /** Where the expiry was derived from PTTL, seconds after it was set. */
    private static final long PTTL_SLACK_MS = 5_000;

    static final List<String> FIXTURES = Fixture.NAMES_AND_VERSIONS;

    @ParameterizedTest
    @FieldSource("FIXTURES")
    void readsWhatTheServerSays(String nameAndVersion) throws Exception {
        Fixture fixture = fixture(nameAndVersion);
        int version = version(nameAndVersion);
        Flavour flavour = version == 80 ? Flavour.VALKEY : Flavour.REDIS;

        List<RdbItem> items = Fixture.read(fixture.bytes());

        assertThat(items.get(0)).isEqualTo(new RdbItem.Header(flavour, version));
        RdbItem.End end = (RdbItem.End) items.get(items.size() - 1);
        assertThat(end.bytes()).isEqualTo(fixture.bytes().length);
        assertThat(end.checksum()).as("is there, and was compared").isNotZero();
        Map<String, RdbItem.Key> keys = new HashMap<>();
        for (RdbItem.Key key : Fixture.keys(items)) {
            assertThat(keys.put(id(key), key)).isNull();
        }
        List<Fixture.Expected> all = fixture.expected();
        assertThat(keys).hasSameSizeAs(all);
        for (Fixture.Expected expected : all) {
            RdbItem.Key key = keys.get(expected.db() + " " + expected.key());
            assertThat(key).as("key %s", expected).isNotNull();
            compare(key, expected, flavour, version);
        }
    }

    /** No difference is legitimate: these servers encode a value in a file and in DUMP by the same function. */
    private static void compare(RdbItem.Key key, Fixture.Expected expected, Flavour flavour, int version)
            throws NoSuchAlgorithmException {
        assertThat(sha256(key.dump())).as("dump of %s", expected).isEqualTo(expected.dumpDigest());
        assertThat(key.type().typeName()).isEqualTo(expected.type().equals("vectorset") ? "module" : expected.type());
        assertThat(DumpPayload.rdbVersion(key.dump())).isEqualTo(version);
        assertThat(DumpPayload.isIntact(key.dump())).isTrue();
        assertThat(DumpPayload.type(key.dump(), flavour)).isEqualTo(key.type());
        assertThat(key.type().minimumVersion()).isLessThanOrEqualTo(version);
        if (expected.expiry().equals("-")) {
            assertThat(key.expires()).isFalse();
        } else if (expected.expiry().startsWith("~")) {
            long about = Long.parseLong(expected.expiry().substring(1));
            assertThat(key.expireAtMs()).isCloseTo(about, within(PTTL_SLACK_MS));
        } else {
            assertThat(key.expireAtMs()).isEqualTo(Long.parseLong(expected.expiry()));
        }
    }

    @ParameterizedTest
    @FieldSource("FIXTURES")
    void readsTheSameThroughAnyWindow(String nameAndVersion) throws Exception {
        byte[] rdb = fixture(nameAndVersion).bytes();
        String whole = digest(Fixture.read(rdb));
        Random random = new Random(7);

        assertThat(digest(Fixture.read(new ChoppedInput(rdb, () -> 1)))).isEqualTo(whole);
        assertThat(digest(Fixture.read(new ChoppedInput(rdb, () -> 7)))).isEqualTo(whole);
        assertThat(digest(Fixture.read(new ChoppedInput(rdb, () -> 1 + random.nextInt(300)))))
                .isEqualTo(whole);
        assertThat(digest(Fixture.read(new ChoppedInput(rdb, () -> 1 + random.nextInt(100_000)))))
                .isEqualTo(whole);
    }

    private static Fixture fixture(String nameAndVersion) {
        return new Fixture(nameAndVersion.substring(0, nameAndVersion.indexOf(',')));
    }

    private static int version(String nameAndVersion) {
        return Integer.parseInt(nameAndVersion.substring(nameAndVersion.indexOf(' ') + 1));
    }

    private static String id(RdbItem.Key key) {
        return key.db() + " " + Base64.getEncoder().encodeToString(key.key());
    }

    /** Records with arrays have no useful equals. */
    static String digest(List<RdbItem> items) throws NoSuchAlgorithmException {
        StringBuilder text = new StringBuilder();
        for (RdbItem item : items) {
            if (item instanceof RdbItem.Key key) {
                text.append(id(key))
                        .append(key.expireAtMs() + " " + key.idleSeconds() + " " + key.freq())
                        .append(sha256(key.dump()));
            } else if (item instanceof RdbItem.Aux aux) {
                text.append(aux.name()).append(aux.text());
            } else if (item instanceof RdbItem.FunctionLibrary library) {
                text.append(sha256(library.code()));
            } else {
                text.append(item);
            }
            text.append('\n');
        }
        return text.toString();
    }

    private static String sha256(byte[] bytes) throws NoSuchAlgorithmException {
        return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
    }
}
