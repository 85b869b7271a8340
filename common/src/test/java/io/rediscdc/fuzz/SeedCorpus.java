package io.rediscdc.fuzz;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.rediscdc.format.rdb.DumpPayload;
import io.rediscdc.format.rdb.Fixture;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.RdbType;
import io.rediscdc.format.rdb.value.PackedEncoder;
import io.rediscdc.format.rdb.value.RdbEncoder;
import io.rediscdc.format.rdb.value.StreamModel;
import io.rediscdc.model.Flavour;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Comparator;
import java.util.EnumMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Random;

/**
 * Writes what the fuzzer starts from: the smallest values of each type that servers saved, as payloads and as small files, and
 * some RESP. To be run in {@code common}; the files are committed.
 */
public final class SeedCorpus {

    static final Path DIRECTORY = Path.of("src", "test", "resources", "fuzz");

    private static final int KEYS_OF_A_TYPE = 3;
    private static final int LONGEST = 1_500;

    private static final List<String> RESP = List.of(
            "\0*1\r\n$4\r\nPING\r\n*3\r\n$3\r\nSET\r\n$1\r\nk\r\n$5\r\nvalue\r\n",
            "\0\n*2\r\n$6\r\nSELECT\r\n$1\r\n0\r\n*1\r\n$5\r\nMULTI\r\n*1\r\n$4\r\nEXEC\r\n",
            "\0*3\r\n$6\r\nAPPEND\r\n$0\r\n\r\n$12\r\nabc\r\n\0\u00ff*1\r\n\r\n",
            "\0*99999999\r\n$1\r\nx\r\n",
            "\0*2\r\n$3\r\nGET\r\n$999999999\r\nx",
            "\1+OK\r\n-ERR no\r\n:-12\r\n$3\r\nabc\r\n$-1\r\n",
            "\1*3\r\n:1\r\n*2\r\n$1\r\na\r\n+b\r\n*-1\r\n",
            "\1*1\r\n*1\r\n*1\r\n*1\r\n*0\r\n",
            "\1$999999999\r\nx",
            "\2$EOF:0123456789012345678901234567890123456789\r\n\n$1234\r\n",
            "\0*6\r\n$3\r\nSET\r\n$1\r\nk\r\n$1\r\nv\r\n$2\r\nPX\r\n$3\r\n100\r\n$2\r\nNX\r\n",
            "\0*5\r\n$11\r\nZUNIONSTORE\r\n$1\r\nd\r\n$1\r\n2\r\n$1\r\na\r\n$1\r\nb\r\n",
            "\3*4\r\n$4\r\nHSET\r\n$0\r\n\r\n$1\r\nf\r\n$1\r\nv\r\n*3\r\n$5\r\nRPUSH\r\n$0\r\n\r\n$1\r\ne\r\n",
            "\3*6\r\n$6\r\nXGROUP\r\n$6\r\nCREATE\r\n$0\r\n\r\n$1\r\ng\r\n$3\r\n0-0\r\n$8\r\nMKSTREAM\r\n",
            "\2\n\n+CONTINUE 0123456789\r\n+FULLRESYNC 01234 5\r\n",
            "\0*3\r\n$0\r\n\r\n$1\r\nf\r\n$1\r\nv\r\n");

    private SeedCorpus() {}

    public static void main(String[] args) throws IOException {
        for (int i = 0; i < RESP.size(); i++) {
            write("resp", "resp-" + i, RESP.get(i).getBytes(ISO_8859_1));
        }
        for (String nameAndVersion : Fixture.NAMES_AND_VERSIONS) {
            String name = nameAndVersion.substring(0, nameAndVersion.indexOf(','));
            List<RdbItem> items = Fixture.read(new Fixture(name).bytes());
            RdbItem.Header header = (RdbItem.Header) items.get(0);
            writeSmallest(name, header, Fixture.keys(items));
        }
        writeStreams();
        List<byte[]> words = List.of("f", "12", "g", "-70000", "a longer field of the hash", "v").stream()
                .map(word -> word.getBytes(ISO_8859_1))
                .toList();
        Random random = new Random(1);
        write("dump", RdbType.HASH_ZIPMAP, new RdbEncoder(random).string(PackedEncoder.zipmap(words, random)));
        write(
                "dump",
                RdbType.HASH_LISTPACK_EX_PRE_GA,
                new RdbEncoder(random).string(PackedEncoder.listpack(words.subList(0, 3))));
        RdbEncoder hash = new RdbEncoder(random).length(3);
        for (int i = 0; i < words.size(); i += 2) {
            hash.length(i).string(words.get(i)).string(words.get(i + 1));
        }
        write("dump", RdbType.HASH_METADATA_PRE_GA, hash);
    }

    /** With groups and what is pending in them; those of fixtures are empty or large. */
    private static void writeStreams() throws IOException {
        RdbType[] types = {
            RdbType.STREAM_LISTPACKS, RdbType.STREAM_LISTPACKS_2, RdbType.STREAM_LISTPACKS_3, RdbType.STREAM_LISTPACKS_4
        };
        for (int version = 1; version <= types.length; version++) {
            for (int seed = 0; seed < 20; seed++) {
                Random random = new Random(seed);
                RdbEncoder encoded = new RdbEncoder(random);
                new StreamModel(random).encode(version, encoded, random);
                if (encoded.bytes().length > 300 && encoded.bytes().length < LONGEST) {
                    write("dump", types[version - 1], encoded);
                    break;
                }
            }
        }
    }

    private static void write(String target, RdbType type, RdbEncoder value) throws IOException {
        byte[] payload = DumpPayload.of(type, value.bytes(), type.minimumVersion());
        byte[] data = new byte[1 + payload.length];
        data[0] = 2 << 1;
        System.arraycopy(payload, 0, data, 1, payload.length);
        write(target, type.name().toLowerCase(Locale.ROOT) + "-made", data);
    }

    private static void writeSmallest(String name, RdbItem.Header header, List<RdbItem.Key> keys) throws IOException {
        ByteArrayOutputStream rdb = new ByteArrayOutputStream();
        boolean isRedis = header.flavour() == Flavour.REDIS;
        rdb.writeBytes(String.format(isRedis ? "REDIS%04d" : "VALKEY%03d", header.rdbVersion())
                .getBytes(ISO_8859_1));
        rdb.writeBytes(new byte[] {(byte) 250, 1, 'a', 1, 'b', (byte) 254, 3, (byte) 251, 9, 1});
        Map<RdbType, Integer> taken = new EnumMap<>(RdbType.class);
        List<RdbItem.Key> bySize = keys.stream()
                .filter(key -> key.db() == 0 && key.dump().length <= LONGEST)
                .sorted(Comparator.comparingInt(key -> key.dump().length))
                .toList();
        for (RdbItem.Key key : bySize) {
            int number = taken.merge(key.type(), 1, Integer::sum);
            if (number <= KEYS_OF_A_TYPE) {
                byte[] dump = key.dump();
                rdb.writeBytes(new byte[] {(byte) 252, 1, 2, 3, 4, 5, 6, 7, 8, dump[0], 1, 'k'});
                rdb.write(dump, 1, dump.length - 1 - DumpPayload.FOOTER_LENGTH);
                writePayload(name, number, key, header.flavour());
            }
        }
        rdb.write(255);
        rdb.writeBytes(new byte[8]);
        write("rdb", name, rdb.toByteArray());
    }

    /** Payloads of the oldest server that writes the type; others have the same. */
    private static void writePayload(String name, int number, RdbItem.Key key, Flavour flavour) throws IOException {
        String type = key.type().name().toLowerCase(Locale.ROOT) + '-' + number;
        if (Files.exists(DIRECTORY.resolve("dump").resolve(type))) {
            return;
        }
        byte[] data = new byte[1 + key.dump().length];
        int target = Arrays.asList("2.8", "5.0", "7.0").indexOf(name);
        data[0] = (byte) ((flavour == Flavour.REDIS ? 0 : 1) | (target < 0 ? 3 : target) << 1);
        System.arraycopy(key.dump(), 0, data, 1, key.dump().length);
        write("dump", type, data);
    }

    private static void write(String target, String name, byte[] data) throws IOException {
        Path directory = Files.createDirectories(DIRECTORY.resolve(target));
        Files.write(directory.resolve(name), data);
    }
}
