package io.rediscdc.format.rdb.value;

/**
 * Takes a stream: its entries by ascending id, then {@link #info}, then group by group with its consumers, each followed
 * by what is pending for it; what XADD IDMP remembers comes last.
 */
public interface StreamVisitor {

    /** {@code entriesRead} and {@code activeMs} where the server does not know. */
    long UNKNOWN = -1;

    /**
     * What is said of the stream as a whole.
     *
     * @param length number of entries
     * @param lastId greatest id ever used
     * @param counters null from servers before 7.0
     */
    record Info(long length, StreamId lastId, Counters counters) {}

    /**
     * What servers from 7.0 on count.
     *
     * @param firstId id of the first entry
     * @param maxDeletedId greatest id that was deleted, {@link StreamId#ZERO} if none
     * @param entriesAdded number of entries ever added
     */
    record Counters(StreamId firstId, StreamId maxDeletedId, long entriesAdded) {}

    /** False if the entries need not be decoded: they are skipped over, which is faster. */
    default boolean wantsEntries() {
        return true;
    }

    /** An entry; fields and values alternate, there is at least one pair. */
    void entry(StreamId id, byte[][] fieldsAndValues);

    void info(Info info);

    /**
     * A group; what follows until the next one is of it.
     *
     * @param entriesRead how many entries it has read, {@link #UNKNOWN} if that cannot be said
     */
    void group(byte[] name, StreamId lastId, long entriesRead);

    /**
     * A consumer of the group; what is pending for it follows.
     *
     * @param seenMs when it last asked, ms since 1970
     * @param activeMs when it last got something; {@link #UNKNOWN} if never, and from servers before 7.2
     */
    void consumer(byte[] name, long seenMs, long activeMs);

    /**
     * An entry delivered to the consumer and not acknowledged, by ascending id. The stream may not have the entry any
     * more.
     *
     * @param deliveredMs when it was delivered last, ms since 1970
     */
    void pending(StreamId id, long deliveredMs, long deliveries);

    /**
     * How long and how many ids XADD IDMP remembers (Redis 8.6). Producers follow.
     *
     * @param durationSeconds how long an id is remembered
     * @param maxEntries how many ids of a producer are remembered
     */
    default void idempotence(long durationSeconds, long maxEntries) {}

    /** A producer; the ids it has used follow. */
    default void producer(byte[] name) {}

    /** An id that the producer gave to an entry. */
    default void producedId(byte[] id, StreamId entry) {}

    /** Ends {@link #idempotence}: ids ever recorded, and duplicates they have found. */
    default void idempotenceCounts(long recorded, long duplicates) {}
}
