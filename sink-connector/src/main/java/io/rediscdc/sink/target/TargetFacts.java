package io.rediscdc.sink.target;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.command.rebuild.TargetAbilities;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Flavour;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * What a target says about itself, as far as it decides whether and how changes can be written there.
 *
 * @param run its run_id, another one after each start; empty if it does not say
 * @param version its Redis version, or the one it is compatible with, as major * 100 + minor: 602 for 6.2
 * @param release its version by its own count, which is another one for Valkey
 */
public record TargetFacts(
        RedisAddress address,
        Flavour flavour,
        String run,
        int version,
        int release,
        boolean isReplica,
        boolean isCluster,
        String evictionPolicy) {

    /** Removes keys without keeping the server busy. */
    public static final byte[] UNLINK = "UNLINK".getBytes(StandardCharsets.US_ASCII);

    private static final byte[] DEL = "DEL".getBytes(StandardCharsets.US_ASCII);

    /** SCAN is there from here on. */
    private static final int MINIMUM_VERSION = 208;

    private static final int VERSION_WITH_UNLINK = 400;
    private static final int VERSION_WITH_ABSTTL = 500;
    /** Scripts replicate what they did, so that they may ask for what is not the same everywhere before they write. */
    private static final int VERSION_WITH_EFFECTS = 500;

    /** Reports what it cannot load in RESTORE; before, it exits (rdbLoadObject in src/rdb.c). */
    private static final int VERSION_WITH_MODULE_ERRORS = 602;

    private static final int VERSION_WITH_PXAT = 602;
    private static final int VERSION_WITH_FLUSH_SYNC = 602;
    private static final int VERSION_WITH_PEXPIRETIME = 700;

    /**
     * Asks the target.
     *
     * @throws RedisCdcException CONFIG if INFO is not permitted, CONNECTION
     */
    static TargetFacts of(TargetConnection connection) {
        Map<String, String> server = connection.info("server");
        String policy = connection.info("memory").getOrDefault("maxmemory_policy", "");
        String role = connection.info("replication").getOrDefault("role", "master");
        String valkey = server.get("valkey_version");
        int version = version(server.getOrDefault("redis_version", ""));
        return new TargetFacts(
                connection.address(),
                valkey == null ? Flavour.REDIS : Flavour.VALKEY,
                server.getOrDefault("run_id", ""),
                version,
                valkey == null ? version : version(valkey),
                !role.equals("master"),
                server.getOrDefault("redis_mode", "").equals("cluster"),
                policy);
    }

    /** Whether SET takes PXAT. */
    public boolean hasSetPxat() {
        return version >= VERSION_WITH_PXAT;
    }

    /** Whether FLUSHALL and FLUSHDB take both SYNC and ASYNC. */
    public boolean hasFlushModes() {
        return version >= VERSION_WITH_FLUSH_SYNC;
    }

    /** What its commands can express. */
    public TargetAbilities abilities() {
        return TargetAbilities.of(flavour, release / 100, release % 100);
    }

    /** Whether it removes keys without keeping itself busy. */
    public boolean hasUnlink() {
        return version >= VERSION_WITH_UNLINK;
    }

    /** Name of the command that removes keys. Not to be changed. */
    public byte[] removal() {
        return hasUnlink() ? UNLINK : DEL;
    }

    /** Whether RESTORE takes ABSTTL, IDLETIME and FREQ; otherwise perhaps not even REPLACE. */
    public boolean hasAbsoluteRestore() {
        return version >= VERSION_WITH_ABSTTL;
    }

    /**
     * Whether it outlives a RESTORE of a module's value if it lacks that module, or if the module cannot read the value:
     * before Redis 6.2 a server ends itself over that.
     */
    boolean survivesModules() {
        return version >= VERSION_WITH_MODULE_ERRORS;
    }

    /** Whether it says at which absolute time a key expires. */
    boolean hasPexpiretime() {
        return version >= VERSION_WITH_PEXPIRETIME;
    }

    /**
     * Refuses targets that cannot be written to exactly once.
     *
     * @param asCluster whether it was named as a node of a cluster
     * @throws RedisCdcException UNSUPPORTED, CONFIG, or CONNECTION for what a failover may change
     */
    public void check(boolean asCluster) {
        if (isCluster && !asCluster) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    address
                            + " is a node of a Redis Cluster: name it by redis.cluster.nodes in place of redis.address");
        }
        if (asCluster && !isCluster) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    address
                            + " is no node of a Redis Cluster: name it by redis.address in place of redis.cluster.nodes");
        }
        if (isCluster && version < VERSION_WITH_EFFECTS) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    address + " runs Redis " + version / 100 + "." + version % 100
                            + "; a cluster as target needs Redis 5.0 or later");
        }
        if (version < MINIMUM_VERSION) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    address + " runs Redis " + version / 100 + "." + version % 100
                            + "; a target needs Redis 2.8 or later");
        }
        if (evictionPolicy.startsWith("allkeys-")) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    address + " may evict the checkpoint, and exactly once with it: its maxmemory-policy is "
                            + evictionPolicy + "; set it to noeviction or to one of volatile-*");
        }
        if (isReplica) {
            throw new RedisCdcException(
                    Category.CONNECTION, address + " is a replica and takes no writes; name its master, or promote it");
        }
    }

    private static int version(String text) {
        String[] parts = text.split("\\.", -1);
        try {
            return parts.length < 2 ? 0 : Integer.parseInt(parts[0]) * 100 + Integer.parseInt(parts[1]);
        } catch (NumberFormatException e) {
            return 0;
        }
    }
}
