package io.rediscdc.format.rdb;

import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.ByteInput;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;

/** An RDB that a server saved, and what that server said of its keys. */
public record Fixture(String name) {

    /** A bound that no fixture meets. */
    static final long UNBOUNDED = 1L << 40;

    /** Server versions, and the RDB version of each. */
    public static final List<String> NAMES_AND_VERSIONS = List.of(
            "2.8, 6",
            "3.2, 7",
            "4.0, 8",
            "5.0, 9",
            "6.2, 9",
            "7.0, 10",
            "7.2, 11",
            "7.4, 12",
            "8.0, 12",
            "8.6, 13",
            "valkey8, 11",
            "valkey9, 80");

    /** A line of a .tsv. */
    public record Expected(int db, String key, String type, String expiry, String dumpDigest, String valueDigest) {}

    public byte[] bytes() throws IOException {
        try (InputStream in = Fixture.class.getResourceAsStream("/rdb/" + name + ".rdb")) {
            return in.readAllBytes();
        }
    }

    public List<Expected> expected() throws IOException {
        try (InputStream in = Fixture.class.getResourceAsStream("/rdb/" + name + ".tsv")) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .map(line -> line.split("\t", -1))
                    .map(cells ->
                            new Expected(Integer.parseInt(cells[0]), cells[1], cells[2], cells[3], cells[4], cells[5]))
                    .toList();
        }
    }

    public static List<RdbItem> read(byte[] rdb) throws IOException {
        return read(new ArrayInput(rdb));
    }

    public static List<RdbItem> read(ByteInput input) throws IOException {
        RdbReader reader = new RdbReader(input, UNBOUNDED);
        List<RdbItem> items = new ArrayList<>();
        for (RdbItem item = reader.next(); item != null; item = reader.next()) {
            items.add(item);
        }
        return items;
    }

    public static List<RdbItem.Key> keys(List<RdbItem> items) {
        return items.stream()
                .filter(RdbItem.Key.class::isInstance)
                .map(RdbItem.Key.class::cast)
                .toList();
    }
}
