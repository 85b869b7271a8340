package io.rediscdc.sink;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.sink.target.BatchReplies;
import io.rediscdc.sink.target.BatchReplies.ErrorReply;
import io.rediscdc.sink.target.ReplyException;
import io.rediscdc.sink.target.TargetConnection;
import io.rediscdc.sink.target.TargetError;
import io.rediscdc.sink.target.TargetFacts;
import io.rediscdc.sink.target.TargetServer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.function.LongConsumer;
import org.apache.kafka.common.TopicPartition;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Applies one partition's history to the target, exactly once: on a connection of its own, in batches that carry the
 * checkpoint. One batch is under way while the next is being encoded; more must not be, since a batch that fails would
 * be followed by the next.
 *
 * <p>A batch's bytes are kept until its replies are there. Whatever goes wrong before that, the connection is dropped,
 * and the checkpoint, read on a new one, tells whether the batch was applied ({@link #resume}).
 *
 * <p>Errors: CONNECTION where the same call can be repeated, with the records that it did not take; all others are final.
 * Not thread-safe.
 */
final class PartitionWriter implements AutoCloseable {

    private static final Logger log = LoggerFactory.getLogger(PartitionWriter.class);

    private static final int MAX_CLAIMS = 5;
    private static final long MAX_WAIT_MS = 1_000;

    private final TopicPartition partition;
    private final SinkConfig config;
    private final TargetServer server;
    private final LongConsumer seek;
    private final byte[] checkpointKey;
    private final String checkpointName;
    private final ChangeEncoder encoder;
    private final OpenTransaction transaction;
    private final BitSet knownDatabases = new BitSet();

    private TargetConnection connection;
    private WriterId self;

    /** What the target is known to hold. Null until the checkpoint has been claimed. */
    private Checkpoint durable;

    private History history;

    // Where the changes in `current` end.
    private Map<String, Position> positions;
    private long nextOffset;
    private boolean snapshotOpen;

    private Batch current;
    private Batch spare;
    private Batch underWay;

    /** Null while {@link #underWay} has to be sent again or there is none. */
    private CompletableFuture<BatchReplies> replies;

    private long sentAt;

    /** Offset up to which everything is in the target or was there before; -1 if unknown. */
    private long confirmed = -1;

    /** First offset that was delivered to a flow that has applied nothing. */
    private long begin = -1;

    private boolean repositioned;
    private long duplicates;
    private long applied;

    /** @param seek moves the consumer of the partition to an offset, after the current call */
    PartitionWriter(TopicPartition partition, SinkConfig config, TargetServer server, LongConsumer seek) {
        this.partition = partition;
        this.config = config;
        this.server = server;
        this.seek = seek;
        this.checkpointKey = Checkpoint.key(config.flow(), partition);
        this.checkpointName = new String(checkpointKey, StandardCharsets.UTF_8);
        this.encoder = new ChangeEncoder(checkpointKey);
        this.transaction = new OpenTransaction(config.transactionMaxBytes());
        this.current = new Batch(checkpointKey);
        this.spare = new Batch(checkpointKey);
    }

    /** Connects, claims the checkpoint and moves the consumer to it, unless that has been done. */
    void open() {
        if (connection != null && !connection.isOpen()) {
            disconnect();
        }
        if (connection != null) {
            return;
        }
        connection = connect();
        try {
            Map<String, String> fields = watch();
            Checkpoint found = Checkpoint.parse(fields, checkpointName);
            refuseIfStuck(found);
            if (durable == null) {
                claim(found);
            } else {
                resume(found, fields.isEmpty());
            }
        } catch (RuntimeException e) {
            disconnect();
            throw e;
        }
    }

    /** Records of before a repositioning may follow it within a call of put(): they are not for us. */
    void startOfPut() {
        repositioned = false;
    }

    boolean isRepositioned() {
        return repositioned;
    }

    /** Leaves what follows, from this record on, to be delivered again. */
    void deliverAgainFrom(long offset) {
        if (!repositioned) {
            reposition(offset);
        }
    }

    /** Takes a record. If this throws CONNECTION, it has not been taken. */
    void write(Delivery delivery) {
        if (repositioned) {
            return;
        }
        open();
        if (repositioned) {
            return;
        }
        if (isFull()) {
            send();
            if (repositioned) {
                return;
            }
        }
        if (durable.offset() == Checkpoint.NOTHING && begin < 0) {
            begin = delivery.offset();
        }
        if (!history.take(delivery)) {
            duplicates++;
            if (current.isEmpty() && underWay == null && transaction.isEmpty()) {
                confirmed = Math.max(confirmed, delivery.offset() + 1);
            }
            return;
        }
        List<Delivery> complete = transaction.add(delivery);
        for (Delivery each : complete) {
            add(each);
        }
    }

    /** Sends what has been taken, or looks at the replies to what was. */
    void flush() {
        if (repositioned) {
            return;
        }
        open();
        if (!current.isEmpty()) {
            send();
        } else if (underWay != null) {
            settle();
        }
    }

    /** Whether the replies to something are still to come. */
    boolean isBusy() {
        return underWay != null || connection == null;
    }

    /** Kafka offset of the record after the last one that the target confirmed; -1 if there is none. Waits for replies. */
    long confirmed() {
        if (replies != null) {
            try {
                BatchReplies received = await();
                if (isClean(received)) {
                    accomplished();
                }
            } catch (RedisCdcException e) {
                log.debug("{}: replies are missing, the next put() deals with it", partition, e);
            }
        }
        return confirmed;
    }

    /** Records that were not applied because they had been before. */
    long duplicates() {
        return duplicates;
    }

    long applied() {
        return applied;
    }

    @Override
    public void close() {
        disconnect();
    }

    private boolean isFull() {
        return current.bytes() >= config.batchMaxBytes() || current.records() >= config.batchMaxRecords();
    }

    private void add(Delivery delivery) {
        current.add(delivery, encoder);
        Op op = delivery.change().op();
        if (op == Op.SNAPSHOT_BEGIN || op == Op.SNAPSHOT_END) {
            snapshotOpen = op == Op.SNAPSHOT_BEGIN;
        }
        positions.put(
                delivery.change().stamp().origin().shard(),
                delivery.change().stamp().position());
        nextOffset = delivery.offset() + 1;
    }

    private void send() {
        while (underWay != null) {
            settle();
        }
        if (repositioned) {
            return;
        }
        checkDatabases(current);
        Batch batch = current;
        batch.seal(
                encoder,
                new Checkpoint(nextOffset, Map.copyOf(positions), snapshotOpen, self, null),
                config.flow(),
                partition,
                System.currentTimeMillis());
        underWay = batch;
        current = spare;
        spare = null;
        transmit(batch);
    }

    /** Looks at the replies to the batch that is under way. If they are clean, it is applied and no longer under way. */
    private void settle() {
        BatchReplies received;
        try {
            received = await();
        } catch (StillWaitingException e) {
            throw e;
        } catch (RedisCdcException e) {
            disconnect();
            throw e;
        }
        if (isClean(received)) {
            accomplished();
        } else if (received.isDiscarded()) {
            disconnect();
            open(); // says who changed the checkpoint, or sends the batch again
        } else if (received.executed() < 0) {
            disconnect();
            throw refused(received.errors().get(0));
        } else if (received.errorCount() > 0) {
            throw stuck(received);
        } else {
            throw takenOver(writerIn(received));
        }
    }

    /** The server is slow, which is no reason yet to give the connection up. */
    private static final class StillWaitingException extends RedisCdcException {

        private static final long serialVersionUID = 1L;

        StillWaitingException(String message, Exception cause) {
            super(Category.CONNECTION, message, cause);
        }
    }

    /**
     * The replies to what was sent. Waits a second at most, so that a task can be stopped while its target is busy.
     *
     * @throws StillWaitingException if they are not there yet
     * @throws RedisCdcException CONNECTION if they will not come any more
     */
    private BatchReplies await() {
        try {
            return replies.get(MAX_WAIT_MS, TimeUnit.MILLISECONDS);
        } catch (TimeoutException e) {
            long waitedMs = TimeUnit.NANOSECONDS.toMillis(System.nanoTime() - sentAt);
            if (waitedMs < config.connection().commandTimeoutMs()) {
                throw new StillWaitingException(
                        config.connection().address() + " has not answered to a batch of " + partition + " for "
                                + waitedMs + " ms",
                        e);
            }
            throw lost("it did not answer within " + config.connection().commandTimeoutMs() + " ms", e);
        } catch (ExecutionException e) {
            if (e.getCause() instanceof RedisCdcException cause) {
                throw cause;
            }
            throw lost(String.valueOf(e.getCause()), e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw lost("interrupted", e);
        }
    }

    private void transmit(Batch batch) {
        sentAt = System.nanoTime();
        replies = connection.send(batch.bytesToSend(), batch.newReplies());
    }

    private RedisCdcException lost(String why, Exception cause) {
        return new RedisCdcException(
                Category.CONNECTION,
                "lost the connection to " + config.connection().address() + " while writing " + partition + ": " + why,
                cause);
    }

    private boolean isClean(BatchReplies received) {
        return received.errorCount() == 0
                && received.executed() >= 0
                && !received.isDiscarded()
                && self.toString().equals(writerIn(received));
    }

    private static String writerIn(BatchReplies received) {
        byte[] writer = received.bulks().isEmpty() ? null : received.bulks().get(0);
        return writer == null ? null : new String(writer, StandardCharsets.UTF_8);
    }

    private void accomplished() {
        durable = underWay.checkpoint();
        confirmed = durable.offset();
        applied += underWay.records();
        recycle(underWay);
        underWay = null;
        replies = null;
    }

    private void recycle(Batch batch) {
        batch.clear();
        spare = batch;
    }

    private TargetConnection connect() {
        TargetConnection made = server.connect();
        try {
            TargetFacts facts = made.facts();
            facts.check();
            encoder.useSetPxat(facts.hasSetPxat());
            knownDatabases.clear();
            knownDatabases.set(0);
            return made;
        } catch (RuntimeException e) {
            made.close();
            throw e;
        }
    }

    private void disconnect() {
        if (connection != null) {
            connection.close();
            connection = null;
        }
        replies = null;
    }

    private Map<String, String> watch() {
        try {
            return connection.watch(checkpointKey);
        } catch (ReplyException e) {
            if (!e.code().equals("WRONGTYPE")) {
                throw e;
            }
            throw new RedisCdcException(
                    Category.CONFIG,
                    "the checkpoint " + checkpointName + " at " + connection.address()
                            + " is no hash: somebody else uses this key; remove it, or give this connector another flow",
                    e);
        }
    }

    /** Makes the checkpoint ours: from here on whoever wrote it before cannot any more. */
    private void claim(Checkpoint first) {
        Checkpoint found = first;
        for (int i = 0; i < MAX_CLAIMS; i++) {
            WriterId id = found.writer().successor();
            Checkpoint claimed = found.by(id);
            Batch batch = new Batch(checkpointKey);
            batch.seal(encoder, claimed, config.flow(), partition, System.currentTimeMillis());
            transmit(batch);
            BatchReplies received = await();
            replies = null;
            if (received.errorCount() > 0) {
                throw refused(received.errors().get(0));
            }
            if (!received.isDiscarded() && id.toString().equals(writerIn(received))) {
                self = id;
                startAt(claimed);
                return;
            }
            found = Checkpoint.parse(watch(), checkpointName);
            refuseIfStuck(found);
        }
        throw new RedisCdcException(
                Category.CONNECTION,
                "the checkpoint " + checkpointName + " at " + connection.address() + " changed " + MAX_CLAIMS
                        + " times while it was being claimed; is another connector with the same flow running?");
    }

    private void startAt(Checkpoint checkpoint) {
        durable = checkpoint;
        history = new History(checkpoint.positions());
        positions = new HashMap<>(checkpoint.positions());
        nextOffset = checkpoint.offset();
        snapshotOpen = checkpoint.snapshotOpen();
        transaction.clear();
        current.clear();
        if (underWay != null) {
            recycle(underWay);
            underWay = null;
        }
        if (checkpoint.offset() != Checkpoint.NOTHING) {
            confirmed = checkpoint.offset();
            reposition(checkpoint.offset());
            log.info(
                    "{}: continues at offset {}, where the checkpoint {} stands", partition, confirmed, checkpointName);
        } else if (begin >= 0) {
            confirmed = begin;
            reposition(begin);
        }
    }

    private void reposition(long offset) {
        seek.accept(offset);
        repositioned = true;
    }

    /** Goes on with a new connection, from what the checkpoint says has been applied. */
    private void resume(Checkpoint found, boolean missing) {
        if (missing && durable.offset() == Checkpoint.NOTHING) {
            claim(found); // flushed before anything had been applied
            return;
        }
        if (missing) {
            throw new RedisCdcException(
                    Category.TARGET_REJECTED,
                    "the checkpoint " + checkpointName + " at " + connection.address()
                            + " is gone: the target was flushed, swapped or replaced. What it holds is unknown; to fill it"
                            + " anew, reset the connector's offsets to a snapshot.begin and restart the task");
        }
        if (found.writer().term() < self.term()) {
            log.warn("{}: the target lost its last writes, among them our claim; delivering again", partition);
            claim(found);
            return;
        }
        if (!found.writer().equals(self)) {
            throw takenOver(found.writer().toString());
        }
        if (underWay != null && found.isAt(underWay.checkpoint())) {
            log.warn(
                    "{}: the connection was lost after the target applied up to offset {}, but before it said with which"
                            + " replies: if a command of this batch failed there, nobody has seen it",
                    partition,
                    found.offset());
            accomplished();
        } else if (!found.isAt(durable)) {
            log.warn(
                    "{}: the target went back from offset {} to {}; delivering again from there",
                    partition,
                    durable.offset(),
                    found.offset());
            startAt(found);
        } else if (underWay != null) {
            checkDatabases(underWay);
            transmit(underWay);
        }
    }

    /** Inside MULTI a SELECT that fails would let the changes after it go to the wrong database. */
    private void checkDatabases(Batch batch) {
        BitSet databases = batch.databases();
        for (int db = databases.nextSetBit(0); db >= 0; db = databases.nextSetBit(db + 1)) {
            if (!knownDatabases.get(db)) {
                if (!connection.hasDatabase(db)) {
                    throw new RedisCdcException(
                            Category.CONFIG,
                            connection.address() + " has no database " + db + ", to which changes of " + partition
                                    + " belong; raise `databases` in its configuration");
                }
                knownDatabases.set(db);
            }
        }
    }

    private void refuseIfStuck(Checkpoint found) {
        if (found.stuck() != null) {
            throw new RedisCdcException(
                    Category.TARGET_REJECTED,
                    partition + " is stuck: the target refused a change earlier (" + found.stuck() + "). " + wayOut());
        }
    }

    private String wayOut() {
        return "Repair the key at the target, or accept the difference; then run HDEL " + checkpointName + " "
                + Checkpoint.STUCK + " there (database 0) and restart the task: it continues after this change";
    }

    private RedisCdcException takenOver(String writer) {
        disconnect();
        return new RedisCdcException(
                Category.TARGET_REJECTED,
                "another writer owns this flow: the checkpoint " + checkpointName + " at "
                        + config.connection().address() + " was written by " + writer + " and not by " + self
                        + "; stop the other connector, or give one of the two another flow");
    }

    /** Nothing of the batch was executed. */
    private RedisCdcException refused(ErrorReply error) {
        Delivery culprit = underWay == null ? null : underWay.culprit(error);
        String what = culprit == null
                ? "what the writer of " + partition + " itself needs"
                : commandName(culprit) + " of the record at " + culprit.place();
        String message = config.connection().address() + " refused " + what + ": " + TargetError.brief(error.text())
                + ". Nothing of its batch has been applied";
        return TargetError.isPassing(error.text())
                ? new RedisCdcException(Category.CONNECTION, message + "; it is tried again")
                : new RedisCdcException(
                        Category.TARGET_REJECTED,
                        message + "; permit or provide the command there and restart the task");
    }

    /** All of the batch was executed, the checkpoint included, but for what failed. */
    private RedisCdcException stuck(BatchReplies received) {
        ErrorReply error = received.errors().get(0);
        Delivery culprit = underWay.culprit(error);
        String what = culprit == null
                ? "a command of the writer's own"
                : commandName(culprit) + " at " + culprit.place() + ", position "
                        + culprit.change().stamp().position();
        String text = what + ": " + TargetError.brief(error.text())
                + (received.errorCount() == 1
                        ? ""
                        : "; and " + (received.errorCount() - 1) + " more in the same batch");
        String marked =
                markStuck(text) ? "" : " (and it could not be noted in the checkpoint: a restart would skip it)";
        return new RedisCdcException(
                Category.TARGET_REJECTED,
                config.connection().address() + " failed to execute " + text + marked + ". " + wayOut());
    }

    private boolean markStuck(String text) {
        durable = underWay.checkpoint();
        Batch batch = new Batch(checkpointKey);
        batch.sealStuck(encoder, text);
        for (int attempt = 0; attempt < 2; attempt++) {
            try {
                if (connection == null) {
                    connection = connect();
                    Checkpoint found = Checkpoint.parse(watch(), checkpointName);
                    if (found.stuck() != null || !found.writer().equals(self)) {
                        return found.stuck() != null;
                    }
                }
                transmit(batch);
                if (isClean(await())) {
                    return true;
                }
            } catch (RedisCdcException e) {
                log.warn("{}: could not note in the checkpoint that it is stuck", partition, e);
            }
            disconnect();
        }
        return false;
    }

    private static String commandName(Delivery delivery) {
        return switch (delivery.change().op()) {
            case SET -> "the state of a key";
            case DEL -> "the deletion of a key";
            default ->
                delivery.change().command() == null
                        ? delivery.change().op().text()
                        : printable(delivery.change().command().args()[0]);
        };
    }

    private static String printable(byte[] name) {
        String text = new String(name, 0, Math.min(name.length, 32), StandardCharsets.US_ASCII);
        return text.replaceAll("[^A-Za-z0-9._|-]", "?");
    }
}
