package io.rediscdc.sink;

/**
 * Counts how often the connection has been lost over a batch that was then not applied. Mostly the connection is to blame,
 * and sending it again helps; but it can be the batch: too large for the target's {@code proto-max-bulk-len},
 * {@code client-query-buffer-limit} or {@code maxmemory-clients}, all of which the server answers by hanging up. So
 * its records are then sent one by one, and at last the one at which it hangs up is not sent any more. Not thread-safe.
 */
final class HangUps {

    private static final int BEFORE_ONE_BY_ONE = 3;

    /** With half a second between them. */
    private static final int BEFORE_THE_END = 20;

    /** Of a command that takes long to be sent. */
    private static final int BEFORE_THE_END_OF_A_STREAMED_ONE = 10;

    private int count;
    private long oneByOneUntil = -1;

    /** Once more, or for the first time. */
    void add() {
        count++;
    }

    int count() {
        return count;
    }

    boolean suggestOneByOne() {
        return count >= BEFORE_ONE_BY_ONE;
    }

    /** @param streamed whether it is about a command that is streamed, however much of that has been sent each time */
    boolean suggestTheEnd(boolean streamed) {
        return count >= (streamed ? BEFORE_THE_END_OF_A_STREAMED_ONE : BEFORE_THE_END);
    }

    /** Makes each record before the Kafka offset, or each transaction, a batch of its own. */
    void sendOneByOneUntil(long offset) {
        count = 0;
        oneByOneUntil = offset;
    }

    boolean isOneByOne() {
        return oneByOneUntil >= 0;
    }

    /** A batch has been applied, and everything is before the Kafka offset. */
    void applied(long offset) {
        count = 0;
        if (offset >= oneByOneUntil) {
            oneByOneUntil = -1;
        }
    }
}
