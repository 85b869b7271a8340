package io.rediscdc.command.rebuild;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static java.nio.charset.StandardCharsets.US_ASCII;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.Fixture;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.RdbType;
import io.rediscdc.format.rdb.value.CanonicalValue;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.rdb.value.DumpDecoder;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.Flavour;
import io.rediscdc.testing.RedisServer;
import java.io.IOException;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Values that all kinds of servers saved, written to a server by commands: it then has what they had. */
class ValueRebuildIT {

    static final List<String> FIXTURES = Fixture.NAMES_AND_VERSIONS;

    private static final byte[] REBUILT = "rebuilt".getBytes(US_ASCII);
    private static final byte[] RESTORED = "restored".getBytes(US_ASCII);
    private static final int SERVERS_RDB_VERSION = 10;

    /** As a server of 7.0 has them. */
    private static final TargetAbilities ABILITIES = TargetAbilities.of(Flavour.REDIS, 7, 0);

    /** As if it could not be told of consumers. */
    private static final TargetAbilities WITHOUT_CONSUMERS = new TargetAbilities(true, false, true, true, false, true);

    /** Small enough for every value to be cut. */
    private static final RebuildLimits SMALL = new RebuildLimits(300, 7);

    private static RedisServer server;

    @BeforeAll
    static void startServer() throws IOException, InterruptedException {
        server = new RedisServer("--enable-debug-command", "yes");
    }

    @AfterAll
    static void stopServer() throws IOException {
        server.close();
    }

    @ParameterizedTest
    @FieldSource("FIXTURES")
    void theServerHasWhatTheOtherHad(String nameAndVersion) throws IOException {
        String[] fixture = nameAndVersion.split(", ", -1);
        boolean restorable = Integer.parseInt(fixture[1]) <= SERVERS_RDB_VERSION;
        List<RdbItem> items = Fixture.read(new Fixture(fixture[0]).bytes());
        Flavour flavour = ((RdbItem.Header) items.get(0)).flavour();
        Set<RdbType> rebuilt = EnumSet.noneOf(RdbType.class);
        for (RdbItem.Key key : Fixture.keys(items)) {
            if (key.type() == RdbType.MODULE_2) {
                continue;
            }
            for (RebuildLimits limits : List.of(SMALL, RebuildLimits.DEFAULT)) {
                call(bytes("DEL"), REBUILT, RESTORED);
                String name = key.type() + " " + new String(key.key(), ISO_8859_1);
                Output output = rebuild(key, flavour, limits.equals(SMALL) ? WITHOUT_CONSUMERS : ABILITIES, limits);
                List<String> after = lines(dump(REBUILT), Flavour.REDIS, output);
                if (restorable && output.lacking.isEmpty()) {
                    call(bytes("RESTORE"), RESTORED, bytes("0"), key.dump(), bytes("REPLACE"));
                    assertThat(digest(REBUILT)).as(name).isEqualTo(digest(RESTORED));
                    assertThat(after).as(name).isEqualTo(lines(dump(RESTORED), Flavour.REDIS, output));
                } else {
                    assertThat(after).as(name).isEqualTo(lines(key.dump(), flavour, output));
                }
            }
            rebuilt.add(key.type());
        }
        assertThat(rebuilt).hasSizeGreaterThan(6);
    }

    /** Executes what comes, and remembers what cannot be said. */
    private static final class Output implements RebuildOutput {

        private final Set<Unsupported> lacking = EnumSet.noneOf(Unsupported.class);

        @Override
        public void command(byte[][] args) {
            Reply reply = call(args);
            assertThat(reply.isFailure())
                    .as("%s: %s", new String(args[0], US_ASCII), reply)
                    .isFalse();
        }

        @Override
        public void unsupported(Unsupported what) {
            if (!what.isBookkeeping()) {
                lacking.add(what);
            }
        }
    }

    private static Output rebuild(RdbItem.Key key, Flavour flavour, TargetAbilities abilities, RebuildLimits limits) {
        Output output = new Output();
        new ValueRebuild(abilities, DecodeLimits.DEFAULT, limits).rebuild(key.dump(), flavour, REBUILT, output);
        return output;
    }

    /** Without what the server cannot hold. */
    private static List<String> lines(byte[] dump, Flavour flavour, Output output) {
        CanonicalValue value = new CanonicalValue(true);
        DumpDecoder.decode(dump, flavour, DecodeLimits.DEFAULT, value);
        return value.lines().stream()
                // The first id of an empty stream that a server of 7.0 took from an older one.
                .map(line -> line.replace("18446744073709551615-18446744073709551615", "0-0"))
                .map(line -> output.lacking.contains(Unsupported.HASH_FIELD_EXPIRY) && line.startsWith("h ")
                        ? line.substring(0, line.lastIndexOf(' ')) + " -"
                        : line)
                .map(line -> output.lacking.contains(Unsupported.STREAM_COUNTERS) && line.startsWith("i ") ? "i" : line)
                .toList();
    }

    private static byte[] dump(byte[] key) {
        Reply reply = call(bytes("DUMP"), key);
        assertThat(reply).isInstanceOf(Reply.Bulk.class);
        byte[] dump = ((Reply.Bulk) reply).bytes();
        assertThat(DumpPayload.isIntact(dump)).isTrue();
        return dump;
    }

    private static String digest(byte[] key) {
        return call(bytes("DEBUG"), bytes("DIGEST-VALUE"), key).toString();
    }

    private static Reply call(byte[]... args) {
        return server.call(args);
    }

    private static byte[] bytes(String text) {
        return text.getBytes(US_ASCII);
    }
}
