package io.rediscdc;

import io.rediscdc.command.rebuild.TargetAbilities;
import io.rediscdc.format.rdb.value.CanonicalValue;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.rdb.value.DumpDecoder;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Flavour;
import io.rediscdc.standalone.process.LocalPorts;
import io.rediscdc.standalone.process.RedisBinary;
import io.rediscdc.standalone.process.RedisServer;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/** A server of some version, what it says that it is, and what it holds; ends with the test. */
final class VersionedServer implements AutoCloseable {

    /**
     * What a key holds.
     *
     * @param lines as {@link CanonicalValue} has it
     * @param expireAtMs about, -1 for never
     */
    record Held(String type, List<String> lines, long expireAtMs) {}

    private final RedisServer server;
    private final RedisClientOf client;
    private final Flavour flavour;
    private final int version;

    /** @param more options, as on redis-server's command line */
    VersionedServer(RedisBinary binary, Path directory, String... more) {
        List<String> options = new ArrayList<>(options(binary.majorVersion()));
        options.addAll(List.of(more));
        server = RedisServer.running(binary, directory, LocalPorts.free(), options);
        client = new RedisClientOf(server);
        String info = client.text("INFO", "server");
        flavour = info.contains("valkey_version:") ? Flavour.VALKEY : Flavour.REDIS;
        String[] parts = client.info("server", flavour == Flavour.VALKEY ? "valkey_version" : "redis_version")
                .split("\\.", -1);
        version = 100 * Integer.parseInt(parts[0]) + Integer.parseInt(parts[1]);
    }

    /** Where scripts can be replicated as scripts or as what they did, it is the former: the latter needs nothing new. */
    private static List<String> options(int majorVersion) {
        return majorVersion == 5 || majorVersion == 6 ? List.of("--lua-replicate-commands", "no") : List.of();
    }

    RedisServer server() {
        return server;
    }

    RedisClientOf client() {
        return client;
    }

    /** Whether it is a Redis of that version, as 602, or later, or any Valkey. */
    boolean isAtLeast(int redis) {
        return flavour == Flavour.VALKEY || version >= redis;
    }

    TargetAbilities abilities() {
        return TargetAbilities.of(flavour, version / 100, version % 100);
    }

    /** Whether it has vector sets, a module that Redis brings along from 8.0 on. */
    boolean hasVectorSets() {
        return flavour == Flavour.REDIS && version >= 800;
    }

    /** Whether streams remember the ids that producers gave, which no command can write. */
    boolean remembersProducers() {
        return flavour == Flavour.REDIS && version >= 806;
    }

    /** All keys that are not of the connectors, by database and name. */
    Map<ChangeKey, Held> held() {
        Map<ChangeKey, Held> all = new TreeMap<>(VersionedServer::compare);
        for (int db = 0; db < 16; db++) {
            client.call("SELECT", db);
            for (Object name : (List<?>) client.call("KEYS", "*")) {
                byte[] key = (byte[]) name;
                if (!new String(key, StandardCharsets.UTF_8).startsWith(ChangeKey.RESERVED_PREFIX)) {
                    all.put(new ChangeKey(db, key), held(key));
                }
            }
        }
        client.call("SELECT", 0);
        return all;
    }

    private Held held(byte[] key) {
        long ttl = client.number("PTTL", key);
        long expireAtMs = ttl < 0 ? -1 : System.currentTimeMillis() + ttl;
        String type = client.text("TYPE", key);
        if (type.equals("string") && client.text("GET", key).startsWith("HYLL")) {
            // The same registers have several forms, and versions differ in which one they choose.
            return new Held(type, List.of(client.text("PFCOUNT", key)), expireAtMs);
        }
        if (type.equals("vectorset")) {
            // Only the module itself knows what its payload holds.
            String first = client.text("VEMB", key, "first");
            return new Held(type, List.of(client.text("VCARD", key), first), expireAtMs);
        }
        CanonicalValue value = new CanonicalValue(true);
        DumpDecoder.decode(client.bytes("DUMP", key), flavour, DecodeLimits.DEFAULT, value);
        return new Held(client.text("TYPE", key), value.lines(), ttl < 0 ? -1 : System.currentTimeMillis() + ttl);
    }

    /** Names of its function libraries. */
    List<String> libraries() {
        List<String> names = new ArrayList<>();
        if (isAtLeast(700)) {
            for (Object library : (List<?>) client.call("FUNCTION", "LIST")) {
                names.add(RedisClientOf.textOf(((List<?>) library).get(1)));
            }
        }
        return names;
    }

    void empty() {
        client.call("FLUSHALL");
        client.call("SCRIPT", "FLUSH");
        if (isAtLeast(700)) {
            client.call("FUNCTION", "FLUSH");
        }
    }

    private static int compare(ChangeKey a, ChangeKey b) {
        return a.db() != b.db() ? Integer.compare(a.db(), b.db()) : Arrays.compare(a.key(), b.key());
    }

    @Override
    public String toString() {
        return flavour.text() + " " + version / 100 + "." + version % 100;
    }

    @Override
    public void close() {
        client.close();
        server.close();
    }
}
