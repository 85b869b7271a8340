package io.rediscdc.sink;

import io.netty.buffer.Unpooled;
import io.rediscdc.command.rebuild.StreamIds;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.model.Change;
import io.rediscdc.sink.expiry.Expiry;
import io.rediscdc.sink.target.TargetFacts;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.function.Predicate;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends a command that is too large to be held to the target while its pieces come: a batch of its own, whose beginning (MULTI)
 * goes before the first piece and whose end (checkpoint, EXEC) after the last one. All that time the checkpoint stands before
 * it, and the target, which has not got all of it, has executed nothing. So whatever goes wrong, the connection is given up
 * and it is begun again, with its first piece: nothing of it is kept. Not thread-safe.
 */
final class CommandStream {

    private static final Logger log = LoggerFactory.getLogger(CommandStream.class);

    private final CheckpointKey key;
    private final TargetSession session;
    private final FailureMark mark;
    private final Expiry expiry;
    private final Repairs repairs;
    private final Divergences divergences;
    private final Omissions omissions;
    private final Scripts scripts;
    private final StreamIds ids;
    private final UnsupportedPolicy policy;
    private final DatabaseRouting databases;
    private final Predicate<Change> inView;
    private TargetFacts target;

    /** Null for none. */
    private Batch batch;

    private StreamedCommand command;
    private Change change;

    /** Whether the target does not know it, or it is of a shard or a database that its keys are not taken from: then nothing is sent. */
    private boolean leftOut;

    private boolean ended;
    private long bytes;

    CommandStream(
            CheckpointKey key,
            TargetSession session,
            FailureMark mark,
            Expiry expiry,
            Repairs repairs,
            Divergences divergences,
            Omissions omissions,
            Scripts scripts,
            SinkConfig config,
            DatabaseRouting databases,
            Predicate<Change> inView) {
        this.databases = databases;
        this.inView = inView;
        this.key = key;
        this.session = session;
        this.mark = mark;
        this.expiry = expiry;
        this.repairs = repairs;
        this.divergences = divergences;
        this.omissions = omissions;
        this.scripts = scripts;
        this.ids = config.streamIds();
        this.policy = config.unsupportedPolicy();
    }

    /** What follows is for this target. */
    void target(TargetFacts facts) {
        target = facts;
    }

    boolean isOpen() {
        return batch != null;
    }

    /** Whether it was known before that the target does not know the command. */
    boolean isLeftOut() {
        return leftOut;
    }

    /** How much has been sent. */
    long bytes() {
        return bytes;
    }

    /** Forgets what was begun. The connection on which it was has been or is to be given up. */
    void forget() {
        batch = null;
        command = null;
        change = null;
    }

    /** Gives up what was begun; nothing of it has been executed. */
    void abandon() {
        if (isOpen()) {
            forget();
            session.disconnect();
        }
    }

    /**
     * Sends what is held of a command; the first time, while nothing else is under way.
     *
     * @return its record, once all of it has been sent and the target has it; null before
     * @throws RedisCdcException CONNECTION if the connection was lost, or the target is slow, which is no reason yet to give it
     *     up: then this is to be called again; UNSUPPORTED, PROTOCOL
     */
    Delivery send(OpenCommand held) {
        try {
            if (!isOpen()) {
                begin(held);
            }
            while (held.hasPiece()) {
                session.awaitWritten();
                write(command.translate(held.takePiece()));
            }
            if (!held.isWhole()) {
                return null;
            }
            Delivery last = held.last();
            Delivery whole = last.with(
                    Change.executable(change.key(), change.op(), last.change().stamp(), change.command()));
            if (!leftOut) {
                end(whole);
            }
            return whole;
        } catch (TargetSession.StillWaitingException e) {
            throw e;
        } catch (RedisCdcException e) {
            if (e.category() == Category.CONNECTION) {
                session.disconnect();
                throw e;
            }
            throw new RedisCdcException(
                    e.category(),
                    "the command whose pieces begin at " + held.first().place() + ": " + e.getMessage()
                            + ". Nothing of it was applied",
                    e);
        }
    }

    /** Its batch, which has everything but the checkpoint. */
    Batch batch() {
        return batch;
    }

    private void begin(OpenCommand held) {
        Delivery first = held.first();
        StreamedCommand begun = new StreamedCommand(first.change().key().whole(), target);
        byte[] beginning = begun.translate(held.piece());
        change = begun.at(first.change());
        checkCanBeStreamed(begun);
        leftOut = databases.drops(change);
        if (!leftOut) {
            expiry.see(change);
            repairs.see(change);
            leftOut = omissions.isUnknown(change.command()) || !inView.test(change);
        }
        Batch own = session.newBatch(mark);
        if (!leftOut) {
            log.info("{}: the command whose pieces begin at {} is sent as they come", key.partition(), first.place());
            lookForItsKeys();
            omissions.awaitReports();
            scripts.nextBatch();
            own.beginStream(change, scripts);
            session.checkDatabases(own.databases());
            session.open(own);
        }
        command = begun;
        batch = own;
        ended = false;
        bytes = 0;
        held.takePiece();
        write(beginning);
    }

    private void checkCanBeStreamed(StreamedCommand begun) {
        String name = new String(change.command().args()[0], StandardCharsets.ISO_8859_1).toLowerCase(Locale.ROOT);
        if (ids == StreamIds.DROP && name.startsWith("x")) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "with stream.ids=drop a command of streams has to be held; raise transaction.max.bytes, and the worker's"
                            + " heap");
        }
        if (policy == UnsupportedPolicy.REREAD && !begun.hasAllKeys() && omissions.isUnknown(change.command())) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "the target does not know it, and not all of its keys are known, to be asked of the source; raise"
                            + " transaction.max.bytes, and the worker's heap");
        }
    }

    private void lookForItsKeys() {
        if (divergences.areSuspected()) {
            Suspects suspects = new Suspects();
            suspects.see(change);
            divergences.examine(session.connection(), suspects);
        }
    }

    private void write(byte[] part) {
        if (!leftOut && part.length > 0) {
            bytes += part.length;
            session.write(Unpooled.wrappedBuffer(part));
        }
    }

    private void end(Delivery whole) {
        if (!ended) {
            session.awaitWritten();
            expiry.see(whole.change());
            StreamedCommand.Ending ending = command.end(whole.change(), expiry);
            write(ending.bytes());
            batch.streamed(whole);
            if (ending.expireAtMs() != null) {
                batch.expireAt(whole.change().key(), ending.expireAtMs());
            }
            ended = true;
        }
        batch.begunWith(session.await());
    }
}
