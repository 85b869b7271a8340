package io.rediscdc.sink.target;

/** Whether a target takes MSET from its user: all take SET. */
public final class MsetSupport {

    private MsetSupport() {}

    /**
     * Asks within a transaction that is discarded: a server looks at rights when a command is queued.
     *
     * @param key one that the user may write; it stays as it is
     * @throws io.rediscdc.error.RedisCdcException CONNECTION if it does not say
     */
    public static boolean ask(TargetConnection connection, byte[] key) {
        CommandBuffer attempt = new CommandBuffer();
        attempt.command(1).arg("MULTI");
        attempt.command(3).arg("MSET").arg(key).arg("");
        attempt.command(1).arg("DISCARD");
        return connection.ask(attempt).errorCount() == 0;
    }
}
