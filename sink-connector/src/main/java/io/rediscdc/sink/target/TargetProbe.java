package io.rediscdc.sink.target;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.error.RedisCdcException;
import java.util.concurrent.TimeUnit;

/** Finds out whether a target can be written to, without writing: one connection, one attempt, a bound on the time. */
public final class TargetProbe {

    /** The target does not let the user in, or lets it do too little. */
    public static final class LoginException extends RedisCdcException {

        private static final long serialVersionUID = 1L;

        LoginException(RedisCdcException cause) {
            super(cause.category(), cause.getMessage(), cause);
        }
    }

    private TargetProbe() {}

    /**
     * Connects, looks, and leaves nothing behind.
     *
     * @param checkpointKey a key as those that checkpoints will have
     * @param transactions whether batches will be transactions
     * @param restores whether there is nothing in place of RESTORE
     * @throws LoginException if credentials or rights are missing
     * @throws RedisCdcException for all else that prevents writing
     */
    public static void check(ConnectionConfig config, byte[] checkpointKey, boolean transactions, boolean restores) {
        long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(config.validationTimeoutMs());
        int connectTimeoutMs = Math.min(config.connectTimeoutMs(), config.validationTimeoutMs());
        try (TargetServer server = new TargetServer(config, connectTimeoutMs, config.validationTimeoutMs())) {
            if (config.cluster() == null) {
                checkServer(server, deadline, checkpointKey, transactions, restores);
            } else {
                checkCluster(config, server, deadline, checkpointKey, restores);
            }
        } catch (ConnectFailedException e) {
            throw e.kind() == ConnectFailure.Kind.CREDENTIALS || e.kind() == ConnectFailure.Kind.PERMISSION
                    ? new LoginException(e)
                    : e;
        } catch (ReplyException e) {
            throw e.code().equals("NOPERM") ? new LoginException(e) : e;
        }
    }

    private static void checkServer(
            TargetServer server, long deadline, byte[] checkpointKey, boolean transactions, boolean restores) {
        try (TargetConnection connection = server.connect()) {
            connection.answerBefore(deadline);
            connection.facts().check(false);
            if (transactions) {
                connection.watch(checkpointKey);
            } else {
                connection.fields(checkpointKey);
            }
            TargetRights.check(connection, checkpointKey, transactions, restores);
        }
    }

    /** Each of its masters. */
    private static void checkCluster(
            ConnectionConfig config, TargetServer server, long deadline, byte[] checkpointKey, boolean restores) {
        try (ClusterTarget cluster = new ClusterTarget(config, server)) {
            for (RedisAddress master : cluster.masters()) {
                TargetConnection connection = cluster.connection(master);
                connection.answerBefore(deadline);
                TargetRights.check(connection, checkpointKey, false, restores);
            }
        }
    }
}
