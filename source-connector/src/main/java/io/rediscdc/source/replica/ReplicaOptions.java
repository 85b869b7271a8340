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
 * @param states how the stream is told in states, null where it is told in commands
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
        PsyncCommand psync,
        StateOptions states) {

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
                PsyncCommand.STANDARD,
                null);
    }

    /** The same, with the stream told in states. */
    ReplicaOptions inStates(StateOptions how) {
        return new ReplicaOptions(
                nodes,
                sentinel,
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
                psync,
                how);
    }

    /** Whether the topic may keep a key's last record only. */
    boolean isCompacted() {
        return states != null && states.compacted();
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
