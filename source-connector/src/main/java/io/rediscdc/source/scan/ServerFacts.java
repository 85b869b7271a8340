package io.rediscdc.source.scan;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Flavour;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/**
 * What a server is, and what it lets us do.
 *
 * @param runId of this run of the server; null if it does not say, and then no cursor can be used on another connection
 * @param version as in INFO, null if it does not say
 * @param replica whether it is one
 * @param inStep of a replica: whether its link to the master is up
 * @param clustered whether it has only some of the slots
 * @param exactExpiry whether it knows PEXPIRETIME (7.0 and later)
 * @param dumps whether DUMP is allowed
 * @param tellsMemory whether MEMORY USAGE is allowed
 */
record ServerFacts(
        String runId,
        String version,
        Flavour flavour,
        boolean replica,
        boolean inStep,
        boolean clustered,
        boolean exactExpiry,
        boolean dumps,
        boolean tellsMemory) {

    private static final int VERSION_WITH_PEXPIRETIME = 7;
    private static final String PROBE = ChangeKey.RESERVED_PREFIX + "probe";

    /** Asks. Nothing of it is needed to go on but what the user must be allowed anyway. */
    static ServerFacts ask(ScanLink link) {
        Reply reply = link.call("INFO");
        Map<String, String> info = reply instanceof Reply.Bulk ? fields(reply.text()) : Map.of();
        String version = info.get("redis_version");
        boolean replica = "slave".equals(info.get("role"));
        boolean knowsExpireTime = version == null
                ? !link.call("PEXPIRETIME", PROBE).isFailure()
                : major(version) >= VERSION_WITH_PEXPIRETIME;
        link.isOld(!knowsExpireTime);
        return new ServerFacts(
                info.get("run_id"),
                info.getOrDefault("valkey_version", version),
                info.containsKey("valkey_version") ? Flavour.VALKEY : Flavour.REDIS,
                replica,
                !replica || "up".equals(info.get("master_link_status")),
                "1".equals(info.get("cluster_enabled")),
                knowsExpireTime,
                isAllowed(link.call("DUMP", PROBE)),
                isAllowed(link.call("MEMORY", "USAGE", PROBE)));
    }

    /** A node of a cluster that has not the key's slot says so only to who may ask. */
    private static boolean isAllowed(Reply reply) {
        return !reply.isFailure()
                || reply.text().startsWith("MOVED ")
                || reply.text().startsWith("ASK ");
    }

    /** A key that nobody has. */
    static byte[] probe() {
        return ScanLink.ascii(PROBE);
    }

    static ChangeKey probeKey(int db) {
        return new ChangeKey(db, probe());
    }

    /** The id of this run of the server, null if it does not say. */
    static String runId(ScanLink link) {
        Reply reply = link.call("INFO", "server");
        return reply instanceof Reply.Bulk ? fields(reply.text()).get("run_id") : null;
    }

    /** Whether fields of a hash can expire. */
    boolean fieldsExpire() {
        return version != null && (flavour == Flavour.VALKEY ? isFrom(9, 0) : isFrom(7, 4));
    }

    /** The RDB version that such a server writes; for records that have no dump to tell. */
    int rdbVersion() {
        if (flavour == Flavour.VALKEY) {
            return version != null && isFrom(9, 0) ? 80 : 11;
        }
        if (version == null || !isFrom(7, 0)) {
            return 9;
        }
        return isFrom(7, 4) ? 12 : isFrom(7, 2) ? 11 : 10;
    }

    private boolean isFrom(int wantedMajor, int wantedMinor) {
        String[] parts = version.split("\\.", -1);
        int major = major(version);
        return major > wantedMajor || (major == wantedMajor && (parts.length < 2 ? 0 : major(parts[1])) >= wantedMinor);
    }

    /** The databases to read, ascending: those configured, or those that have keys, as far as the server says so. */
    static List<Integer> databases(ScanLink link, ScanOptions options) {
        if (options.clustered()) {
            return List.of(0);
        }
        return options.databases().isEmpty() ? databases(link) : options.databases();
    }

    private static List<Integer> databases(ScanLink link) {
        Reply reply = link.call("INFO", "keyspace");
        List<Integer> databases = new ArrayList<>();
        if (reply instanceof Reply.Bulk) {
            for (String name : fields(reply.text()).keySet()) {
                if (name.matches("db\\d+")) {
                    databases.add(Integer.valueOf(name.substring(2)));
                }
            }
        } else {
            // Somebody in between, or no right to ask: whatever database can be selected.
            int db = 0;
            while (db < 16 && !link.call("SELECT", Integer.toString(db)).isFailure()) {
                databases.add(db++);
            }
            link.call("SELECT", "0");
        }
        databases.sort(null);
        return databases;
    }

    static Map<String, String> fields(String info) {
        Map<String, String> fields = new HashMap<>();
        info.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).trim());
            }
        });
        return fields;
    }

    private static int major(String version) {
        int dot = version.indexOf('.');
        try {
            return Integer.parseInt(dot < 0 ? version : version.substring(0, dot));
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
