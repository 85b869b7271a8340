package io.rediscdc.source.replica;

import io.rediscdc.model.Change;
import io.rediscdc.model.Position;
import io.rediscdc.source.capture.Chain;
import io.rediscdc.source.capture.Stamper;
import io.rediscdc.source.cluster.Ownership;
import java.util.ArrayList;
import java.util.List;

/**
 * What an attachment tells each partition of the history itself, beside what has been written in it. Of a stream that is being
 * read; the caller knows where in it there is room between two changes. Not thread-safe.
 */
final class Announcements {

    private final Chain chain;
    private final Stamper stamper;

    /** Where each partition stood when it was last looked whether it is quiet. */
    private final Position[] looked;

    /** Null where there is nothing of a promotion to be told. */
    private Promotion promotion;

    /** The first partition that has not been told of it. */
    private int untold;

    private record Promotion(long shared, long offset, long tsMs) {}

    Announcements(Chain chain, Stamper stamper) {
        this.chain = chain;
        this.stamper = stamper;
        this.looked = new Position[chain.partitions()];
    }

    /** Heartbeats for the partitions without a record, since this was asked last, although the history has moved on to there. */
    List<Change> heartbeats(long offset, long tsMs) {
        List<Change> heartbeats = promotions();
        for (int partition = 0; partition < looked.length; partition++) {
            Position last = chain.last(partition);
            boolean quiet = looked.length == 1 || last.equals(looked[partition]);
            if (quiet && offset > last.offset()) {
                heartbeats.add(stamper.heartbeat(partition, offset, tsMs));
            }
            looked[partition] = chain.last(partition);
        }
        chain.settle();
        return heartbeats;
    }

    /** Heartbeats that say to each partition which slots the shard has. */
    List<Change> ownership(Ownership owns, long offset, long tsMs) {
        List<Change> heartbeats = promotions();
        for (int partition = 0; partition < looked.length; partition++) {
            heartbeats.add(stamper.ownership(partition, owns, offset, tsMs));
        }
        chain.settle();
        return heartbeats;
    }

    /**
     * The server has been promoted: {@link #next} tells it to each partition. Whoever was told more than is known here, before a
     * restart, finds out that it was more than this server has.
     *
     * @param shared offset of the last byte that it has of the history before
     * @param offset where its stream goes on
     */
    void promotion(long shared, long offset, long tsMs) {
        promotion = new Promotion(shared, offset, tsMs);
    }

    /** Whether a partition has yet to be told of a promotion. */
    boolean isTelling() {
        return promotion != null;
    }

    /** What is to be told before the stream goes on, null for nothing. The chain has yet to be settled. */
    Change next() {
        if (promotion == null) {
            return null;
        }
        Change change = stamper.promotion(untold++, promotion.shared(), promotion.offset(), promotion.tsMs());
        if (untold == looked.length) {
            promotion = null;
        }
        return change;
    }

    /** Of that before all else. */
    private List<Change> promotions() {
        List<Change> told = new ArrayList<>();
        for (Change change = next(); change != null; change = next()) {
            told.add(change);
        }
        return told;
    }
}
