package io.rediscdc.sink.target;

import io.lettuce.core.api.async.RedisAsyncCommands;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Set;

/** Whether a user may run what changes are written with. */
final class TargetRights {

    /** What targets need, with arguments that are right. */
    private static final String[][] NEEDED = {
        {"HSET", "<key>", "f", "v"},
        {"HMSET", "<key>", "f", "v"},
        {"MULTI"},
        {"EXEC"},
        {"SELECT", "0"},
        {"SET", "<key>", "v"},
        {"RESTORE", "<key>", "0", "p"},
        {"UNLINK", "<key>"},
        {"SCAN", "0"},
        {"PEXPIRETIME", "<key>"},
        {"EXISTS", "<key>"},
        {"SSCAN", "<key>", "0"}
    };

    private static final Set<String> OF_TRANSACTIONS = Set.of("MULTI", "EXEC");

    private TargetRights() {}

    /**
     * Asks, where the server can tell (ACL DRYRUN, Redis 7).
     *
     * @param transactions whether batches will be transactions
     * @param restores whether there is nothing in place of RESTORE
     * @throws ReplyException NOPERM with the server's words about the first command that it may not
     */
    static void check(TargetConnection connection, byte[] checkpointKey, boolean transactions, boolean restores) {
        String key = new String(checkpointKey, StandardCharsets.UTF_8);
        RedisAsyncCommands<byte[], byte[]> commands = connection.async();
        String refusal = null;
        try {
            String user = connection.await(commands.aclWhoami());
            for (String[] needed : NEEDED) {
                if ((!transactions && OF_TRANSACTIONS.contains(needed[0]))
                        || (!restores && needed[0].equals("RESTORE"))) {
                    continue;
                }
                String[] args = Arrays.copyOfRange(needed, 1, needed.length);
                for (int i = 0; i < args.length; i++) {
                    args[i] = args[i].replace("<key>", key);
                }
                String answer = connection.await(commands.aclDryRun(user, needed[0], args));
                if (refusal == null && !answer.equals("OK")) {
                    refusal = answer;
                }
            }
        } catch (ReplyException e) {
            return; // it may not ask, or the server is older: then the task finds out
        }
        if (refusal != null) {
            throw new ReplyException(connection.address(), "NOPERM " + refusal);
        }
    }
}
