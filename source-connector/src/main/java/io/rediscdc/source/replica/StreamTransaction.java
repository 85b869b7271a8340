package io.rediscdc.source.replica;

import io.rediscdc.model.Change;
import io.rediscdc.model.Command;
import java.util.Arrays;
import java.util.function.Consumer;
import java.util.function.LongFunction;

/**
 * A transaction of the stream, while it is read. Its members are held back by one, because only EXEC tells which was the last: of
 * each partition, where there are several. Not thread-safe.
 */
final class StreamTransaction {

    private static final int NONE = -1;

    /** A change of which it is not known yet whether it is the last of its partition. */
    interface Member {
        /**
         * Makes it.
         *
         * @param tx null outside a transaction
         */
        Change change(Command.Transaction tx, long tsMs);
    }

    /** By partition: how many members there are so far, and the one held back, null for none. */
    private final int[] index;

    private final Member[] held;
    private long id = NONE;

    StreamTransaction(int partitions) {
        this.index = new int[partitions];
        this.held = new Member[partitions];
    }

    boolean isOpen() {
        return id != NONE;
    }

    /**
     * Its first member comes next.
     *
     * @param newId the same for all its members, and for those of no other one
     */
    void begin(long newId) {
        id = newId;
        Arrays.fill(index, 0);
    }

    /** Lets go of those held back, which are the last. */
    void end(Consumer<LongFunction<Change>> last) {
        for (int partition = 0; partition < held.length; partition++) {
            if (held[partition] != null) {
                last.accept(release(partition, true));
            }
        }
        id = NONE;
    }

    boolean holds(int partition) {
        return held[partition] != null;
    }

    /** Holds a member back, where there is none. */
    void hold(int partition, Member member) {
        held[partition] = member;
    }

    /** Lets go of the one held back in a partition, behind which another comes: made as of a time. */
    LongFunction<Change> release(int partition) {
        return release(partition, false);
    }

    /** What a piece says of it that is not the last of its command; null outside of one. */
    Command.Transaction ofPiece(int partition) {
        return isOpen() ? new Command.Transaction(id, index[partition], false) : null;
    }

    private LongFunction<Change> release(int partition, boolean last) {
        Member member = held[partition];
        Command.Transaction tx = new Command.Transaction(id, index[partition]++, last);
        held[partition] = null;
        return tsMs -> member.change(tx, tsMs);
    }
}
