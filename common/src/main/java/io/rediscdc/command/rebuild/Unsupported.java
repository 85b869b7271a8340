package io.rediscdc.command.rebuild;

/** What commands cannot make a target hold. Named in reports and metrics by {@link #text}. */
public enum Unsupported {
    /** The target has no streams; nothing of the value is written. */
    STREAM("stream", false),
    /** A hash field is written, but will not expire. */
    HASH_FIELD_EXPIRY("hash-field-expiry", false),
    /** A member whose score is not a number, which ZADD refuses: left out. */
    NAN_SCORE("nan-score", false),
    /**
     * A pending entry that the stream does not have any more, found only after the stream's entries have been written, on a
     * target that then refuses to create it: left out. {@link ValueRebuild} avoids this.
     */
    PENDING_WITHOUT_ENTRY("pending-without-entry", false),
    /** Counters of a stream that contradict its entries, which XSETID refuses; the nearest possible are written. */
    STREAM_COUNTERS("stream-counters", false),
    /** What XADD IDMP remembers of producers: a repeated XADD would be executed again. */
    PRODUCER_IDS("producer-ids", false),
    /** When a consumer was seen and active last: the time of writing instead. No server has a command for it. */
    CONSUMER_TIMES("consumer-times", true);

    private final String text;
    private final boolean bookkeeping;

    Unsupported(String text, boolean bookkeeping) {
        this.text = text;
        this.bookkeeping = bookkeeping;
    }

    public String text() {
        return text;
    }

    /** Whether no reader of the data depends on it, and every target lacks it. */
    public boolean isBookkeeping() {
        return bookkeeping;
    }
}
