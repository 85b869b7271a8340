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
                Output output = rebuild(key, flavour, limits);
                String name = key.type() + " " + new String(key.key(), ISO_8859_1);
                List<String> before = lines(key.dump(), flavour, output);
                boolean counted = before.stream().noneMatch(line -> line.matches("i \\S+ \\S+"));
                assertThat(lines(dump(REBUILT), Flavour.REDIS, output))
                        .as(name)
                        .map(line -> line.startsWith("i ") && !counted ? withoutCounters(line) : line)
                        .isEqualTo(before);
                if (restorable && output.lacking.isEmpty()) {
                    call("RESTORE".getBytes(US_ASCII), RESTORED, "0".getBytes(US_ASCII), key.dump(), bytes("REPLACE"));
                    assertThat(digest(REBUILT)).as(name).isEqualTo(digest(RESTORED));
                }
                call(bytes("DEL"), REBUILT, RESTORED);
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

    private static Output rebuild(RdbItem.Key key, Flavour flavour, RebuildLimits limits) {
        Output output = new Output();
        new ValueRebuild(ABILITIES, DecodeLimits.DEFAULT, limits).rebuild(key.dump(), flavour, REBUILT, output);
        return output;
    }

    /** Without what the server cannot hold. */
    private static List<String> lines(byte[] dump, Flavour flavour, Output output) {
        CanonicalValue value = new CanonicalValue(true);
        DumpDecoder.decode(dump, flavour, DecodeLimits.DEFAULT, value);
        return value.lines().stream()
                .map(line -> output.lacking.contains(Unsupported.HASH_FIELD_EXPIRY) && line.startsWith("h ")
                        ? line.substring(0, line.lastIndexOf(' ')) + " -"
                        : line)
                .map(line -> output.lacking.contains(Unsupported.STREAM_COUNTERS) && line.startsWith("i ") ? "i" : line)
                .toList();
    }

    /** As servers before 7.0 know a stream. */
    private static String withoutCounters(String line) {
        String[] words = line.split(" ", -1);
        return String.join(" ", words[0], words[1], words[2]);
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
