package io.rediscdc.benchmarks.tool;

import io.rediscdc.standalone.process.RedisServer;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisUri;
import io.rediscdc.standalone.redis.ServerInfo;
import java.util.concurrent.CompletableFuture;

/**
 * A source and a target, on this machine. The source sends snapshots without the wait for further replicas, and never
 * hangs up on a replica that is behind: both would be measured otherwise.
 */
public final class Servers implements AutoCloseable {

    private final RedisServer source;
    private final RedisServer target;
    private final RedisConnection sourceConnection;
    private final RedisConnection targetConnection;

    public Servers() {
        source = RedisServer.running(
                "--repl-diskless-sync-delay", "0", "--client-output-buffer-limit", "replica", "0", "0", "0");
        target = RedisServer.running("--repl-diskless-load", "on-empty-db");
        sourceConnection = RedisConnection.open(sourceUri());
        targetConnection = RedisConnection.open(targetUri());
    }

    public RedisUri sourceUri() {
        return RedisUri.parse(source.uri());
    }

    public RedisUri targetUri() {
        return RedisUri.parse(target.uri());
    }

    public long sourcePid() {
        return source.pid();
    }

    public long targetPid() {
        return target.pid();
    }

    /** For requests one by one; one thread at a time. */
    public RedisConnection source() {
        return sourceConnection;
    }

    /** For requests one by one; one thread at a time. */
    public RedisConnection target() {
        return targetConnection;
    }

    public ServerInfo sourceInfo(String section) {
        return ServerInfo.of(sourceConnection, section);
    }

    public ServerInfo targetInfo(String section) {
        return ServerInfo.of(targetConnection, section);
    }

    /** Removes all keys of the target. */
    public void emptyTarget() {
        targetConnection.call("FLUSHALL");
        targetConnection.call("FUNCTION", "FLUSH");
    }

    /** Removes all keys of both. */
    public void empty() {
        sourceConnection.call("FLUSHALL");
        emptyTarget();
    }

    /**
     * Compares all keys and values of both (DEBUG DIGEST); servers and followers must be at rest.
     *
     * @param tool whose work it is, for the message
     * @throws BenchmarkException if they are not equal
     */
    public void requireEqual(String tool) {
        // Side by side: a million hashes and streams take ten seconds.
        CompletableFuture<String> digest =
                CompletableFuture.supplyAsync(() -> targetConnection.text("DEBUG", "DIGEST"));
        String sourceDigest = sourceConnection.text("DEBUG", "DIGEST");
        String targetDigest = digest.join();
        if (!sourceDigest.equals(targetDigest)) {
            throw new BenchmarkException(tool + ": source and target differ: digest " + sourceDigest + " with "
                    + sourceInfo("keyspace").totalKeys() + " keys, and " + targetDigest + " with "
                    + targetInfo("keyspace").totalKeys());
        }
    }

    @Override
    public void close() {
        sourceConnection.close();
        targetConnection.close();
        source.close();
        target.close();
    }
}
