package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.sentinel.SentinelOptions;
import java.util.List;

/**
 * What a capture needs to know.
 *
 * @param nodes of one shard, at least one; not used where Sentinel or a cluster is asked
 * @param sentinel whom to ask for the nodes, null where they are given
 * @param password null for none; never logged
 * @param username ACL user, null for the default one
 * @param diskless whether to accept a snapshot straight from the server's memory
 * @param heartbeatMs how long a history may move on without a record before it gets a heartbeat; 0 for never
 * @param retryTimeoutMs how long to try to attach again before giving up
 * @param psync what PSYNC is called there
 */
public record ReplicaOptions(
        List<RedisAddress> nodes,
        SentinelOptions sentinel,
        ReadFrom readFrom,
        String username,
        String password,
        String shard,
        boolean diskless,
        int maxRecordBytes,
        long heartbeatMs,
        long retryTimeoutMs,
        AckMode ackMode,
        LinkOptions link,
        PsyncCommand psync) {

    public ReplicaOptions {
        nodes = List.copyOf(nodes);
    }

    /** Of nodes that are given. */
    public ReplicaOptions(
            List<RedisAddress> nodes,
            ReadFrom readFrom,
            String username,
            String password,
            String shard,
            boolean diskless,
            int maxRecordBytes,
            long heartbeatMs,
            long retryTimeoutMs,
            AckMode ackMode,
            LinkOptions link) {
        this(
                nodes,
                null,
                readFrom,
                username,
                password,
                shard,
                diskless,
                maxRecordBytes,
                heartbeatMs,
                retryTimeoutMs,
                ackMode,
                link,
                PsyncCommand.STANDARD);
    }

    /** Who says which server is the master, for messages. */
    String authority() {
        return sentinel == null ? "the cluster" : "Sentinel";
    }

    /** Names everything but the password. */
    @Override
    public String toString() {
        return "replica of " + (sentinel == null ? nodes : sentinel) + " (shard " + shard + ")";
    }
}
