package io.rediscdc.format.rdb.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;
import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.ChoppedInput;
import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.RdbReader;
import io.rediscdc.format.rdb.RdbType;
import io.rediscdc.model.Flavour;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.function.Consumer;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.Tuple;

/**
 * Random values in every encoding of every version, written by a hand-made encoder, decode to themselves; so do those that no
 * server at hand writes.
 */
class EncodedValuesTest {

    private static final DecodeLimits SMALL_PIECES = new DecodeLimits(1 << 20, 100, 1 << 20, "the limit");
    private static final int TRIES = 150;

    @Provide
    Arbitrary<byte[]> element() {
        return Elements.any();
    }

    @Provide
    Arbitrary<List<byte[]>> elements() {
        return Elements.any().list().ofMaxSize(40);
    }

    @Provide
    Arbitrary<List<Long>> numbers() {
        return Elements.numbers().list().ofMaxSize(60);
    }

    @Provide
    Arbitrary<Double> score() {
        return Arbitraries.frequencyOf(
                Tuple.of(3, Arbitraries.doubles()),
                Tuple.of(3, Elements.numbers().map(Long::doubleValue)),
                Tuple.of(
                        1, Arbitraries.of(0.0, -0.0, Double.POSITIVE_INFINITY, Double.NEGATIVE_INFINITY, 0.1, 1e-300)));
    }

    @Property(tries = TRIES)
    void strings(@ForAll("element") byte[] element, @ForAll Random random) throws IOException {
        check(RdbType.STRING, new RdbEncoder(random).string(element), to -> to.string(element, true));
    }

    @Property(tries = TRIES)
    void lists(@ForAll("elements") List<byte[]> elements, @ForAll Random random) throws IOException {
        Consumer<ValueVisitor> list = to -> elements.forEach(to::listElement);
        check(RdbType.LIST, strings(elements, random), list);
        check(RdbType.LIST_ZIPLIST, string(PackedEncoder.ziplist(elements, random), random), list);
        List<List<byte[]>> nodes = cut(elements, random);
        RdbEncoder ziplists = new RdbEncoder(random).length(nodes.size());
        RdbEncoder listpacks = new RdbEncoder(random).length(nodes.size());
        for (List<byte[]> node : nodes) {
            ziplists.string(PackedEncoder.ziplist(node, random));
            if (node.size() == 1) {
                listpacks.length(1).string(node.get(0));
            } else {
                listpacks.length(2).string(PackedEncoder.listpack(node));
            }
        }
        check(RdbType.LIST_QUICKLIST, ziplists, list);
        check(RdbType.LIST_QUICKLIST_2, listpacks, list);
    }

    @Property(tries = TRIES)
    void sets(@ForAll("elements") List<byte[]> members, @ForAll Random random) throws IOException {
        Consumer<ValueVisitor> set = to -> members.forEach(to::setMember);
        check(RdbType.SET, strings(members, random), set);
        check(RdbType.SET_LISTPACK, string(PackedEncoder.listpack(members), random), set);
    }

    @Property(tries = TRIES)
    void intsets(@ForAll("numbers") List<Long> numbers, @ForAll Random random) throws IOException {
        for (int width : new int[] {2, 4, 8}) {
            int unused = 64 - 8 * width;
            long[] fitting = numbers.stream()
                    .mapToLong(number -> number << unused >> unused)
                    .sorted()
                    .distinct()
                    .toArray();
            check(RdbType.SET_INTSET, string(RdbEncoder.intset(fitting, width), random), to -> {
                for (long number : fitting) {
                    to.setMember(Long.toString(number).getBytes(ISO_8859_1));
                }
            });
        }
    }

    @Property(tries = TRIES)
    void sortedSets(@ForAll("elements") List<byte[]> members, @ForAll("score") double score, @ForAll Random random)
            throws IOException {
        List<Double> scores = members.stream()
                .map(member -> random.nextBoolean() ? score : random.nextGaussian())
                .toList();
        Consumer<ValueVisitor> zset = to -> {
            for (int i = 0; i < members.size(); i++) {
                to.zsetMember(members.get(i), scores.get(i));
            }
        };
        RdbEncoder text = new RdbEncoder(random).length(members.size());
        RdbEncoder binary = new RdbEncoder(random).length(members.size());
        List<byte[]> packed = new ArrayList<>();
        for (int i = 0; i < members.size(); i++) {
            text.string(members.get(i)).textScore(scores.get(i));
            binary.string(members.get(i)).littleEndian(Double.doubleToLongBits(scores.get(i)), 8);
            packed.add(members.get(i));
            packed.add(
                    Double.isInfinite(scores.get(i))
                            ? (scores.get(i) > 0 ? "inf" : "-inf").getBytes(ISO_8859_1)
                            : RdbEncoder.scoreText(scores.get(i)));
        }
        check(RdbType.ZSET, text, zset);
        check(RdbType.ZSET_2, binary, zset);
        check(RdbType.ZSET_ZIPLIST, string(PackedEncoder.ziplist(packed, random), random), zset);
        check(RdbType.ZSET_LISTPACK, string(PackedEncoder.listpack(packed), random), zset);
    }

    @Property(tries = TRIES)
    void hashes(@ForAll("elements") List<byte[]> elements, @ForAll Random random) throws IOException {
        List<byte[]> pairs = elements.subList(0, elements.size() / 2 * 2);
        Consumer<ValueVisitor> hash = to -> {
            for (int i = 0; i < pairs.size(); i += 2) {
                to.hashField(pairs.get(i), pairs.get(i + 1), ValueVisitor.NEVER);
            }
        };
        RdbEncoder plain = new RdbEncoder(random).length(pairs.size() / 2);
        pairs.forEach(plain::string);
        check(RdbType.HASH, plain, hash);
        check(RdbType.HASH_ZIPMAP, string(PackedEncoder.zipmap(pairs, random), random), hash);
        check(RdbType.HASH_ZIPLIST, string(PackedEncoder.ziplist(pairs, random), random), hash);
        check(RdbType.HASH_LISTPACK, string(PackedEncoder.listpack(pairs), random), hash);
    }

    @Property(tries = TRIES)
    void hashesWhoseFieldsExpire(@ForAll("elements") List<byte[]> elements, @ForAll Random random) throws IOException {
        int count = elements.size() / 2;
        long first = Math.max(1, random.nextLong() >>> 20);
        long[] times = random.longs(count, first, first + (1L << (1 + random.nextInt(40))))
                .toArray();
        for (int i = 0; i < count; i++) {
            times[i] = random.nextInt(3) == 0 ? 0 : times[i];
        }
        RdbEncoder absolute = new RdbEncoder(random).length(count);
        RdbEncoder relative = new RdbEncoder(random).littleEndian(first, 8).length(count);
        RdbEncoder trailing = new RdbEncoder(random).length(count);
        List<byte[]> triples = new ArrayList<>();
        for (int i = 0; i < count; i++) {
            byte[] field = elements.get(2 * i);
            byte[] value = elements.get(2 * i + 1);
            absolute.length(times[i]).string(field).string(value);
            relative.length(times[i] == 0 ? 0 : times[i] - first + 1)
                    .string(field)
                    .string(value);
            trailing.string(field).string(value).littleEndian(times[i] == 0 ? -1 : times[i], 8);
            triples.add(field);
            triples.add(value);
            triples.add(Long.toString(times[i]).getBytes(ISO_8859_1));
        }
        Consumer<ValueVisitor> hash = to -> {
            for (int i = 0; i < count; i++) {
                to.hashField(elements.get(2 * i), elements.get(2 * i + 1), times[i] == 0 ? -1 : times[i]);
            }
        };
        byte[] packed = PackedEncoder.listpack(triples);
        check(RdbType.HASH_METADATA_PRE_GA, absolute, hash);
        check(RdbType.HASH_METADATA, relative, hash);
        check(RdbType.VALKEY_HASH_2, trailing, hash);
        check(RdbType.HASH_LISTPACK_EX_PRE_GA, string(packed, random), hash);
        check(
                RdbType.HASH_LISTPACK_EX,
                new RdbEncoder(random).littleEndian(first, 8).string(packed),
                hash);
    }

    @Property(tries = TRIES)
    void streams(@ForAll Random random) throws IOException {
        StreamModel stream = new StreamModel(random);
        RdbType[] types = {
            RdbType.STREAM_LISTPACKS, RdbType.STREAM_LISTPACKS_2, RdbType.STREAM_LISTPACKS_3, RdbType.STREAM_LISTPACKS_4
        };
        for (int version = 1; version <= types.length; version++) {
            int layout = version;
            RdbEncoder encoded = new RdbEncoder(random);
            stream.encode(layout, encoded, random);
            check(types[version - 1], encoded, to -> stream.tell(layout, to));
        }
    }

    private static RdbEncoder strings(List<byte[]> strings, Random random) {
        RdbEncoder encoded = new RdbEncoder(random).length(strings.size());
        strings.forEach(encoded::string);
        return encoded;
    }

    private static RdbEncoder string(byte[] bytes, Random random) {
        return new RdbEncoder(random).string(bytes);
    }

    private static List<List<byte[]>> cut(List<byte[]> elements, Random random) {
        List<List<byte[]>> nodes = new ArrayList<>();
        for (int at = 0; at < elements.size(); ) {
            int end = Math.min(elements.size(), at + 1 + random.nextInt(8));
            nodes.add(elements.subList(at, end));
            at = end;
        }
        return nodes;
    }

    /** Whole, in pieces, and as what finds the end of a value without decoding it sees it. */
    private static void check(RdbType type, RdbEncoder encoded, Consumer<ValueVisitor> told) throws IOException {
        byte[] value = encoded.bytes();
        EventLog expected = new EventLog();
        told.accept(expected);
        Flavour flavour = type == RdbType.VALKEY_HASH_2 ? Flavour.VALKEY : Flavour.REDIS;

        EventLog whole = new EventLog();
        byte[] payload = DumpPayload.of(type, value, type.minimumVersion());
        assertThat(DumpDecoder.decode(payload, flavour, DecodeLimits.DEFAULT, whole))
                .isEqualTo(type);
        assertThat(whole.lines()).as("%s", type).isEqualTo(expected.lines());

        EventLog pieces = new EventLog();
        new ValueDecoder(new ChoppedInput(value, () -> 37), SMALL_PIECES).decode(type, pieces);
        assertThat(pieces.lines()).as("%s in pieces", type).isEqualTo(expected.lines());

        String magic = flavour == Flavour.VALKEY ? "VALKEY080" : "REDIS0013";
        byte[] rdb = (magic + (char) type.number() + "\1k" + new String(value, ISO_8859_1) + "\u00ff\0\0\0\0\0\0\0\0")
                .getBytes(ISO_8859_1);
        RdbReader reader = new RdbReader(new ArrayInput(rdb), 1L << 30);
        reader.next();
        RdbItem.Key key = (RdbItem.Key) reader.next();
        assertThat(key.dump().length).isEqualTo(1 + value.length + DumpPayload.FOOTER_LENGTH);
        assertThat(reader.next()).isInstanceOf(RdbItem.End.class);
    }
}
