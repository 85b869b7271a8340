package io.rediscdc.format.rdb.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.command.rebuild.RebuildLimits;
import io.rediscdc.command.rebuild.RebuildOutput;
import io.rediscdc.command.rebuild.TargetAbilities;
import io.rediscdc.command.rebuild.Unsupported;
import io.rediscdc.command.rebuild.ValueRebuild;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.RdbType;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.Flavour;
import io.rediscdc.testing.RedisServer;
import java.io.IOException;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;
import net.jqwik.api.lifecycle.BeforeTry;

/**
 * Random values that a server was told by commands, in all its encodings: its DUMP decodes to them, and what the decoded value
 * is rebuilt to by commands is the same to the server.
 */
class ServerValuesIT {

    private static final int TRIES = 60;
    private static final byte[] KEY = "key".getBytes(ISO_8859_1);
    private static final byte[] COPY = "copy".getBytes(ISO_8859_1);
    private static final TargetAbilities ABILITIES = TargetAbilities.of(Flavour.REDIS, 7, 0);
    private static final Set<RdbType> SEEN = EnumSet.noneOf(RdbType.class);

    private static RedisServer server;

    @BeforeContainer
    static void start() throws IOException, InterruptedException {
        server = new RedisServer("--enable-debug-command", "yes");
    }

    @AfterContainer
    static void stop() throws IOException {
        server.close();
        assertThat(SEEN)
                .containsExactlyInAnyOrder(
                        RdbType.STRING,
                        RdbType.LIST_QUICKLIST_2,
                        RdbType.SET,
                        RdbType.SET_INTSET,
                        RdbType.ZSET_2,
                        RdbType.ZSET_LISTPACK,
                        RdbType.HASH,
                        RdbType.HASH_LISTPACK,
                        RdbType.STREAM_LISTPACKS_2);
    }

    /** One that failed leaves its key. */
    @BeforeTry
    void begin() {
        call("DEL", KEY, COPY);
    }

    @Provide
    Arbitrary<byte[]> element() {
        return Elements.any();
    }

    @Provide
    Arbitrary<List<byte[]>> elements() {
        return Elements.any().list().ofMinSize(1).ofMaxSize(60);
    }

    @Provide
    Arbitrary<List<Long>> numbers() {
        return Elements.numbers().list().ofMinSize(1).ofMaxSize(60);
    }

    @Property(tries = TRIES)
    void strings(@ForAll("element") byte[] element) {
        call("SET", KEY, element);
        check(to -> to.string(element, true));
    }

    /** Nodes of all sizes, compressed or not; large elements in nodes of their own. */
    @Property(tries = TRIES)
    void lists(@ForAll("elements") List<byte[]> elements, @ForAll Random random) {
        configure("list-max-listpack-size", random, "-2", "1", "3", "-5", "128");
        configure("list-compress-depth", random, "0", "1");
        call("DEBUG", "QUICKLIST-PACKED-THRESHOLD", random.nextBoolean() ? "50" : "0");
        elements.forEach(element -> call("RPUSH", KEY, element));
        check(to -> elements.forEach(to::listElement));
    }

    @Property(tries = TRIES)
    void sets(@ForAll("elements") List<byte[]> members) {
        members.forEach(member -> call("SADD", KEY, member));
        Map<String, byte[]> distinct = distinct(members);
        check(to -> distinct.values().forEach(to::setMember));
    }

    @Property(tries = TRIES)
    void setsOfNumbers(@ForAll("numbers") List<Long> numbers, @ForAll Random random) {
        int unused = new int[] {0, 32, 48}[random.nextInt(3)];
        configure("set-max-intset-entries", random, "512", "20");
        List<byte[]> members = numbers.stream()
                .map(number -> Long.toString(number << unused >> unused).getBytes(ISO_8859_1))
                .toList();
        members.forEach(member -> call("SADD", KEY, member));
        Map<String, byte[]> distinct = distinct(members);
        check(to -> distinct.values().forEach(to::setMember));
    }

    @Property(tries = TRIES)
    void sortedSets(@ForAll("elements") List<byte[]> members, @ForAll double score, @ForAll Random random) {
        configure("zset-max-listpack-entries", random, "128", "0");
        configure("zset-max-listpack-value", random, "64", "100000");
        Map<String, Double> scores = new LinkedHashMap<>();
        for (byte[] member : members) {
            double own =
                    switch (random.nextInt(5)) {
                        case 0 -> score;
                        case 1 -> random.nextGaussian();
                        case 2 -> Double.longBitsToDouble(random.nextLong() & ~(0x7ffL << 52));
                        case 3 -> random.nextBoolean() ? Double.NEGATIVE_INFINITY : Double.POSITIVE_INFINITY;
                        default -> random.nextLong() >> random.nextInt(64);
                    };
            scores.put(new String(member, ISO_8859_1), own);
            call("ZADD", KEY, score(own), member);
        }
        check(to -> scores.forEach((member, own) -> to.zsetMember(member.getBytes(ISO_8859_1), own)));
    }

    @Property(tries = TRIES)
    void hashes(@ForAll("elements") List<byte[]> elements, @ForAll Random random) {
        configure("hash-max-listpack-entries", random, "128", "0");
        configure("hash-max-listpack-value", random, "64", "100000");
        Map<String, byte[]> fields = new LinkedHashMap<>();
        for (int i = 0; i < elements.size(); i++) {
            byte[] value = elements.get((i + 1) % elements.size());
            fields.put(new String(elements.get(i), ISO_8859_1), value);
            call("HSET", KEY, elements.get(i), value);
        }
        check(to ->
                fields.forEach((field, value) -> to.hashField(field.getBytes(ISO_8859_1), value, ValueVisitor.NEVER)));
    }

    /** Entries added, deleted and trimmed; groups that read, acknowledge and claim. What the server answers is the model. */
    @Property(tries = TRIES)
    void streams(@ForAll("elements") List<byte[]> elements, @ForAll Random random) {
        configure("stream-node-max-entries", random, "100", "3", "1");
        call("XADD", KEY, "1-1", "first", "entry");
        call("XGROUP", "CREATE", KEY, "g", "0");
        call("XGROUP", "CREATE", KEY, "idle", "$", "ENTRIESREAD", "1");
        call("XGROUP", "CREATECONSUMER", KEY, "g", "waiting");
        long ms = 2;
        for (byte[] element : elements) {
            ms += random.nextInt(3);
            byte[] field = random.nextInt(4) == 0 ? element : KEY;
            String id = random.nextInt(6) == 0 ? ms++ + "-" + Long.toUnsignedString(random.nextLong()) : ms + "-*";
            call("XADD", KEY, id, field, element);
            switch (random.nextInt(6)) {
                case 0 -> call("XREADGROUP", "GROUP", "g", "c" + random.nextInt(3), "COUNT", "7", "STREAMS", KEY, ">");
                case 1 -> call("XACK", KEY, "g", ms + "-0");
                case 2 -> call("XDEL", KEY, ms + "-0");
                case 3 -> call("XCLAIM", KEY, "g", "claimer", "0", ms + "-0", "RETRYCOUNT", "" + random.nextInt(1000));
                case 4 -> call("XTRIM", KEY, "MAXLEN", "" + random.nextInt(30));
                default -> call("XREADGROUP", "GROUP", "g", "c1", "COUNT", "2", "STREAMS", KEY, ">");
            }
        }
        EventLog decoded = new EventLog();
        decode(dump(KEY), decoded);
        assertThat(decoded.lines().stream().filter(line -> line.startsWith("entry ")))
                .isEqualTo(entries());
        assertThat(decoded.lines().stream()
                        .filter(line -> line.startsWith("pending "))
                        .map(line -> line.split(" ", -1))
                        .map(words -> words[1] + " " + words[3])
                        .sorted())
                .isEqualTo(pending());
        checkRebuilt();
    }

    private static List<String> entries() {
        List<String> lines = new ArrayList<>();
        EventLog log = new EventLog();
        for (Reply entry : array(call("XRANGE", KEY, "-", "+"))) {
            List<Reply> idAndFields = array(entry);
            byte[][] fieldsAndValues = array(idAndFields.get(1)).stream()
                    .map(reply -> ((Reply.Bulk) reply).bytes())
                    .toArray(byte[][]::new);
            log.entry(id(idAndFields.get(0)), fieldsAndValues);
        }
        lines.addAll(log.lines());
        return lines;
    }

    private static List<String> pending() {
        return array(call("XPENDING", KEY, "g", "-", "+", "100000")).stream()
                .map(ServerValuesIT::array)
                .map(words -> words.get(0).text() + " " + words.get(3).text())
                .sorted()
                .toList();
    }

    private static StreamId id(Reply reply) {
        String[] numbers = reply.text().split("-", -1);
        return new StreamId(Long.parseUnsignedLong(numbers[0]), Long.parseUnsignedLong(numbers[1]));
    }

    private static List<Reply> array(Reply reply) {
        return ((Reply.Array) reply).elements();
    }

    private interface Told {
        void tell(ValueVisitor to);
    }

    private static void check(Told told) {
        CanonicalValue expected = new CanonicalValue(true);
        told.tell(expected);
        CanonicalValue decoded = new CanonicalValue(true);
        decode(dump(KEY), decoded);
        assertThat(decoded.lines()).isEqualTo(expected.lines());
        checkRebuilt();
    }

    private static void checkRebuilt() {
        byte[] dump = dump(KEY);
        SEEN.add(DumpPayload.type(dump, Flavour.REDIS));
        CanonicalValue original = new CanonicalValue(true);
        decode(dump, original);
        for (RebuildLimits limits : List.of(new RebuildLimits(100, 3), RebuildLimits.DEFAULT)) {
            call("DEL", COPY);
            new ValueRebuild(ABILITIES, new DecodeLimits(1 << 20, 500, 1 << 20, "the limit"), limits)
                    .rebuild(dump, Flavour.REDIS, COPY, new Executed());
            assertThat(call("DEBUG", "DIGEST-VALUE", COPY)).isEqualTo(call("DEBUG", "DIGEST-VALUE", KEY));
            CanonicalValue rebuilt = new CanonicalValue(true);
            decode(dump(COPY), rebuilt);
            assertThat(rebuilt.lines()).isEqualTo(original.lines());
        }
        call("DEL", KEY, COPY);
    }

    private static final class Executed implements RebuildOutput {

        @Override
        public void command(byte[][] args) {
            Reply reply = server.call(args);
            assertThat(reply.isFailure()).as("%s", reply).isFalse();
        }

        @Override
        public void unsupported(Unsupported what) {
            assertThat(what.isBookkeeping()).as("%s", what).isTrue();
        }
    }

    private static void decode(byte[] dump, ValueVisitor to) {
        DumpDecoder.decode(dump, Flavour.REDIS, DecodeLimits.DEFAULT, to);
    }

    private static byte[] dump(byte[] key) {
        return ((Reply.Bulk) call("DUMP", key)).bytes();
    }

    private static byte[] score(double score) {
        return Double.isInfinite(score)
                ? (score > 0 ? "inf" : "-inf").getBytes(ISO_8859_1)
                : Double.toString(score).getBytes(ISO_8859_1);
    }

    private static Map<String, byte[]> distinct(List<byte[]> members) {
        Map<String, byte[]> distinct = new LinkedHashMap<>();
        members.forEach(member -> distinct.put(new String(member, ISO_8859_1), member));
        return distinct;
    }

    private static void configure(String option, Random random, String... values) {
        call("CONFIG", "SET", option, values[random.nextInt(values.length)]);
    }

    /** Of strings and byte arrays. */
    private static Reply call(Object... args) {
        byte[][] command = new byte[args.length][];
        for (int i = 0; i < args.length; i++) {
            command[i] = args[i] instanceof byte[] bytes ? bytes : ((String) args[i]).getBytes(ISO_8859_1);
        }
        Reply reply = server.call(command);
        assertThat(reply.isFailure()).as("%s: %s", args[0], reply).isFalse();
        return reply;
    }
}
