package io.rediscdc.source.scan;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.sentinel.SentinelOptions;
import io.rediscdc.slot.Slot;
import io.rediscdc.slot.SlotRanges;
import java.util.List;

/**
 * What a capture by SCAN needs to know.
 *
 * @param nodes of one shard, at least one; empty where Sentinel or the cluster is asked
 * @param sentinel whom to ask for the nodes, null where they are given
 * @param clustered whether the shard is one of a cluster
 * @param readsReplicas whether a replica that is in step is preferred
 * @param readsMasterOnly whether nothing but a master will do
 * @param username ACL user, null for the default one
 * @param password null for none; never logged
 * @param heartbeatMs after how long without a record a heartbeat says that all is well, ms; 0 for never
 * @param mode what is read
 * @param match glob that a key has to match, null for all
 * @param type the only type to read, null for all
 * @param count COUNT of a SCAN
 * @param slots the only ones to read, null for all
 * @param databases which to read, ascending; empty for all there are
 * @param threads how many connections read values at the same time
 * @param batch most keys read in one MULTI
 * @param queue how many batches may wait for each of the threads
 * @param memory what is done about keys that take much memory
 * @param keysPerSecond most keys a second that a scan reads, 0 for no limit
 * @param bytesPerSecond most bytes a second that a scan reads, 0 for no limit
 * @param live how changes are learnt of
 * @param compacted whether the topic keeps a key's last record only: then none may come in pieces
 * @param retryTimeoutMs how long to try to attach again before giving up, ms
 */
public record ScanOptions(
        List<RedisAddress> nodes,
        SentinelOptions sentinel,
        boolean clustered,
        boolean readsReplicas,
        boolean readsMasterOnly,
        String username,
        String password,
        String shard,
        int connectTimeoutMs,
        int commandTimeoutMs,
        long retryTimeoutMs,
        int maxRecordBytes,
        long heartbeatMs,
        Mode mode,
        String match,
        String type,
        SlotRanges slots,
        int count,
        List<Integer> databases,
        int threads,
        int batch,
        int queue,
        MemoryLimit memory,
        long keysPerSecond,
        long bytesPerSecond,
        LiveOptions live,
        boolean compacted) {

    /** What is read. */
    public enum Mode {
        /** Every key once. */
        SNAPSHOT,
        /** Every key once, and from then on each that changes. */
        LIVE,
        /** Each key that changes. */
        LIVEONLY;

        boolean scans() {
            return this != LIVEONLY;
        }

        boolean isLive() {
            return this != SNAPSHOT;
        }
    }

    /**
     * What is done about keys that take much memory at the server.
     *
     * @param bytes above which a key counts as one, as MEMORY USAGE has it; 0 for no limit
     * @param samples elements that MEMORY USAGE looks at
     * @param fails whether to fail; else such keys are left out
     */
    public record MemoryLimit(long bytes, int samples, boolean fails) {}

    public ScanOptions {
        nodes = List.copyOf(nodes);
        databases = List.copyOf(databases);
    }

    /** Whether a key is to be read, as far as its slot tells: keys of this connector's own are not. */
    boolean wants(byte[] key) {
        return !ChangeKey.isReserved(key) && (slots == null || slots.contains(Slot.of(key)));
    }

    /** Whether a key is to be read, whoever names it. */
    boolean reads(ChangeKey key) {
        return wants(key.key())
                && (databases.isEmpty() || databases.contains(key.db()))
                && (match == null || new Glob(match).matches(key.key()));
    }

    /** The same for one server, whoever named it. */
    public ScanOptions at(RedisAddress node) {
        return new ScanOptions(
                List.of(node),
                null,
                clustered,
                readsReplicas,
                readsMasterOnly,
                username,
                password,
                shard,
                connectTimeoutMs,
                commandTimeoutMs,
                retryTimeoutMs,
                maxRecordBytes,
                heartbeatMs,
                mode,
                match,
                type,
                slots,
                count,
                databases,
                threads,
                batch,
                queue,
                memory,
                keysPerSecond,
                bytesPerSecond,
                live,
                compacted);
    }

    /** Names everything but the password. */
    @Override
    public String toString() {
        return "scan of " + (sentinel == null ? nodes : sentinel) + " (shard " + shard + ")";
    }
}
