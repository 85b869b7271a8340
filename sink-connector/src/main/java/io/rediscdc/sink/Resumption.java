package io.rediscdc.sink;

import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Where a writer goes on when it has a new connection: from what the checkpoint, read on it, says has been applied. So it
 * tells whether the batch that was under way was, or has to be sent again. Not thread-safe.
 */
final class Resumption {

    private static final Logger log = LoggerFactory.getLogger(Resumption.class);

    private final WriterParts parts;
    private final CheckpointClaim claim;
    private final Standing standing;
    private final PartitionCursor cursor;
    private final Outbox outbox;
    private final BatchInFlight inFlight;
    private final Intake intake;

    Resumption(WriterParts parts, Standing standing, PartitionCursor cursor, Outbox outbox, Intake intake) {
        this.parts = parts;
        this.claim = parts.claim;
        this.standing = standing;
        this.cursor = cursor;
        this.outbox = outbox;
        this.inFlight = outbox.inFlight();
        this.intake = intake;
    }

    /**
     * Goes on with a new connection.
     *
     * @param found the checkpoint as it is
     * @throws io.rediscdc.error.RedisCdcException TARGET_REJECTED if it is gone, or somebody else's, or the target hangs up at
     *     the same record again and again; CONNECTION if the connection is lost again
     */
    void from(Checkpoint found) {
        if (!standing.isClaimed()) {
            startAt(claim.take(found));
            return;
        }
        standing.progress().reconnected();
        claim.checkStillOurs(found);
        if (found.isMissing()) {
            if (!standing.isAtBegin()) {
                throw parts.errors.checkpointIsGone();
            }
            startAgainAt(claim.take(found)); // flushed before anything had been applied
        } else if (found.writer().term() < claim.self().term()) {
            log.warn("{}: the target lost its last writes, among them our claim; delivering again", parts.partition);
            parts.metrics.lostWrites();
            startAgainAt(claim.take(found));
        } else if (!found.writer().equals(claim.self())) {
            throw claim.takenOverBy(found.writer());
        } else if (isInFlightApplied(found)) {
            inFlight.applyUnseen(found.offset());
            outbox.applied();
        } else if (!found.isAt(standing.durable())) {
            log.warn(
                    "{}: the target went back from offset {} to {}; delivering again from there",
                    parts.partition,
                    standing.durable().offset(),
                    found.offset());
            parts.metrics.lostWrites();
            startAgainAt(found);
        } else if (!inFlight.isNone() && inFlight.isRefused()) {
            repeat(found);
        } else if (!inFlight.isNone()) {
            sendAgain(found);
        } else if (parts.stream.isOpen()) {
            streamAgain(found);
        }
    }

    private boolean isInFlightApplied(Checkpoint found) {
        return !inFlight.isNone()
                && found.isAt(inFlight.checkpoint())
                && !standing.durable().isAt(inFlight.checkpoint());
    }

    private void startAgainAt(Checkpoint checkpoint) {
        parts.metrics.rewound();
        startAt(checkpoint);
    }

    private void streamAgain(Checkpoint found) {
        HangUps hangUps = parts.hangUps;
        hangUps.add();
        if (hangUps.suggestTheEnd(true)) {
            throw parts.errors.hungUp(hangUps.count(), intake.firstStreamed(), parts.stream.bytes());
        }
        startAt(found); // where the command begins
    }

    private void sendAgain(Checkpoint found) {
        HangUps hangUps = parts.hangUps;
        hangUps.add();
        Delivery indivisible = inFlight.indivisible();
        if (indivisible == null && hangUps.suggestOneByOne()) {
            log.warn(
                    "{}: the connection was lost {} times in a row over the same {} bytes, which the target did not apply;"
                            + " sending the records up to offset {} one by one",
                    parts.partition,
                    hangUps.count(),
                    inFlight.bytes(),
                    inFlight.checkpoint().offset());
            hangUps.sendOneByOneUntil(inFlight.checkpoint().offset());
            startAt(found);
        } else if (indivisible != null && hangUps.suggestTheEnd(inFlight.isStreamed())) {
            throw parts.errors.hungUp(hangUps.count(), indivisible, inFlight.bytes());
        } else {
            repeat(found);
        }
    }

    private void repeat(Checkpoint found) {
        if (inFlight.cannotBeRepeated()) {
            startAt(found); // where the large value begins
        } else {
            inFlight.launchAgain();
        }
    }

    /** Forgets all that is not applied, and moves the consumer to where that begins. */
    void startAt(Checkpoint checkpoint) {
        parts.metrics.startedAt(checkpoint);
        standing.startAt(checkpoint, parts.config.targetExclusive(), parts::newShard);
        cursor.forget();
        parts.startAt(checkpoint);
        long from = standing.progress().rereadFrom(checkpoint.offset());
        intake.clear();
        outbox.clear();
        cursor.startAt(checkpoint, from);
        if (!standing.isAtBegin()) {
            log.info(
                    "{}: continues at offset {}, where the checkpoint {} stands",
                    parts.partition,
                    checkpoint.offset(),
                    parts.key);
            if (from < checkpoint.offset()) {
                log.info(
                        "{}: reads again from offset {} on, to know the keys of the open snapshot",
                        parts.partition,
                        from);
            }
        }
    }
}
