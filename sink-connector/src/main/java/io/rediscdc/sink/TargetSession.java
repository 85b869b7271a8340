package io.rediscdc.sink;

import io.netty.buffer.ByteBuf;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.ReplyException;
import io.rediscdc.sink.target.Target;
import io.rediscdc.sink.target.TargetConnection;
import io.rediscdc.sink.target.TargetFacts;
import java.util.ArrayDeque;
import java.util.BitSet;
import java.util.Deque;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A writer's connection to the target, one after the other, with the checkpoint watched on it and the replies to one
 * batch outstanding at most. Whatever goes wrong ends the connection; what the target has applied is then to be read from
 * the checkpoint on the next one. Not thread-safe.
 */
final class TargetSession implements AutoCloseable {

    private static final long MAX_WAIT_MS = 1_000;

    /** Each as large as a record. */
    private static final int MAX_UNWRITTEN = 4;

    /** The server is slow, which is no reason yet to give the connection up. */
    static final class StillWaitingException extends RedisCdcException {

        private static final long serialVersionUID = 1L;

        StillWaitingException(String message, Exception cause) {
            super(Category.CONNECTION, message, cause);
        }
    }

    private static final Logger log = LoggerFactory.getLogger(TargetSession.class);

    private final CheckpointKey key;
    private final DeliveryMode mode;
    private final Target server;

    /** The part of a cluster that it writes, null where the target is none. */
    private final SlotShare share;

    private final String address;
    private final int patienceMs;
    private final WriterErrors errors;
    private final WriterMetrics metrics;
    private final BitSet knownDatabases = new BitSet();

    private TargetConnection connection;

    /** Whether the target, when connected to last, let us use MULTI. */
    private boolean transactions = true;

    /** Name of the command that removes keys at the target connected to last. */
    private byte[] removal = TargetFacts.UNLINK;

    /** Null where nothing has been sent on this connection that was not settled. */
    private CompletableFuture<BatchReplies> replies;

    /** Parts of a command that the connection may not have taken yet. */
    private final Deque<CompletableFuture<Void>> written = new ArrayDeque<>();

    private long sentAt;

    /** @param patienceMs how long replies to a batch may take */
    TargetSession(
            CheckpointKey key,
            DeliveryMode mode,
            Target server,
            String address,
            int patienceMs,
            WriterErrors errors,
            WriterMetrics metrics) {
        this(key, mode, server, address, patienceMs, errors, metrics, null);
    }

    TargetSession(
            CheckpointKey key,
            DeliveryMode mode,
            Target server,
            String address,
            int patienceMs,
            WriterErrors errors,
            WriterMetrics metrics,
            SlotShare share) {
        this.share = share;
        this.key = key;
        this.mode = mode;
        this.server = server;
        this.address = address;
        this.patienceMs = patienceMs;
        this.errors = errors;
        this.metrics = metrics;
    }

    /** Notices also that the other side has hung up, or is no longer the master. */
    boolean isConnected() {
        if (connection != null && !connection.isOpen()) {
            disconnect();
        }
        if (connection != null && server.isDeposed(connection)) {
            log.warn(
                    "{}: leaving {}, which Sentinel says is no longer the {}",
                    key.partition(),
                    connection.address(),
                    address);
            disconnect();
        }
        return connection != null;
    }

    /** @throws RedisCdcException if there is no target, or one that cannot be written to exactly once */
    TargetFacts connect() {
        TargetConnection made = server.connect();
        try {
            TargetFacts facts = made.facts();
            facts.check(server.isCluster());
            removal = facts.removal();
            knownDatabases.clear();
            knownDatabases.set(0);
            permitsTransactions(mode == DeliveryMode.EXACTLY_ONCE || made.permitsTransactions());
            connection = made;
            metrics.connected();
            return facts;
        } catch (RuntimeException e) {
            made.close();
            throw e;
        }
    }

    private void permitsTransactions(boolean permitted) {
        if (transactions && !permitted) {
            log.warn(
                    "{}: {} does not permit MULTI: transactions of the source are applied command by command",
                    key.partition(),
                    address);
        }
        transactions = permitted;
    }

    DeliveryMode mode() {
        return mode;
    }

    /** One that is empty, and written in the way of this writer. If errors are lost with its replies, they did no harm. */
    Batch newBatch() {
        return newBatch(FailureMark.unused(key));
    }

    /** One whose errors must not be missed. */
    Batch newBatch(FailureMark mark) {
        BatchFrame frame = share == null ? mode.newFrame(key, mark, () -> transactions) : new ScriptFrame(key, share);
        return new Batch(key, frame, () -> removal);
    }

    void disconnect() {
        if (connection != null) {
            connection.close();
            connection = null;
            metrics.disconnected();
        }
        replies = null;
        written.clear();
    }

    /** The checkpoint as it is. From here on, whoever else writes it is noticed ({@link DeliveryMode}). */
    Checkpoint watch() {
        try {
            return Checkpoint.parse(
                    share == null ? mode.readCheckpoint(connection, key) : connection.fields(key.bytes()), key);
        } catch (ReplyException e) {
            throw e.code().equals("WRONGTYPE") ? errors.checkpointIsNoHash(e) : e;
        }
    }

    /** For looking into the target, while no replies are awaited. */
    TargetConnection connection() {
        return connection;
    }

    /** Inside MULTI a SELECT that fails would let the changes after it go to the wrong database. */
    void checkDatabases(BitSet databases) {
        for (int db = databases.nextSetBit(0); db >= 0; db = databases.nextSetBit(db + 1)) {
            if (!knownDatabases.get(db)) {
                if (!connection.reader().hasDatabase(db)) {
                    throw errors.noDatabase(db);
                }
                knownDatabases.set(db);
            }
        }
    }

    void send(Batch batch) {
        if (share != null && !batch.isOfOurKeysOnly() && !share.lost().isEmpty()) {
            disconnect();
            throw errors.lostConnection("slots are being moved away from it", null);
        }
        sentAt = System.nanoTime();
        replies = connection.send(batch.bytesToSend(), batch.newReplies());
    }

    /** Sends what comes before the command that is sent otherwise: {@link #write} is to follow. */
    void open(Batch batch) {
        sentAt = System.nanoTime();
        replies = connection.send(batch.beginning(), batch.newRepliesToBeginning());
        written.clear();
    }

    /** Sends a part of that command. */
    void write(ByteBuf part) {
        sentAt = System.nanoTime();
        written.add(connection.write(part));
    }

    /**
     * Waits, as {@link #await}, until so much has been written that another part does not make them too many.
     *
     * @throws StillWaitingException if the target is slow
     * @throws RedisCdcException CONNECTION if it takes no more
     */
    void awaitWritten() {
        while (written.size() > MAX_UNWRITTEN) {
            try {
                await(written.peek());
            } catch (StillWaitingException e) {
                throw e;
            } catch (RedisCdcException e) {
                await(); // what the target said before it hung up
                throw e;
            }
            written.remove();
        }
    }

    /** Whether something has been sent on this connection whose replies have not been settled. */
    boolean isAwaiting() {
        return replies != null;
    }

    void settled() {
        replies = null;
    }

    /**
     * The replies to what was sent. Waits a second at most, so that a task can be stopped while its target is busy.
     *
     * @throws StillWaitingException if they are not there yet
     * @throws RedisCdcException CONNECTION if they will not come any more
     */
    BatchReplies await() {
        BatchReplies received = await(replies);
        if (received.slotsNow() != null) {
            share.says(received.slotsNow());
        }
        return received;
    }

    private <T> T await(CompletableFuture<T> future) {
        try {
            return future.get(MAX_WAIT_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            long waitedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sentAt);
            if (waitedMs < patienceMs) {
                throw new StillWaitingException(
                        address + " has not answered to a batch of " + key.partition() + " for " + waitedMs + " ms", e);
            }
            throw errors.lostConnection("it did not answer within " + patienceMs + " ms", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RedisCdcException cause) {
                throw cause;
            }
            throw errors.lostConnection(String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw errors.lostConnection("interrupted", e);
        }
    }

    @Override
    public void close() {
        disconnect();
    }
}
