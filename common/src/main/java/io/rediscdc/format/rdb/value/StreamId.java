package io.rediscdc.format.rdb.value;

/**
 * The id of a stream entry: two unsigned 64-bit numbers, by convention milliseconds since 1970 and a running number.
 * Written {@code ms-seq}.
 */
public record StreamId(long ms, long seq) implements Comparable<StreamId> {

    /** Before every entry; also says "none". */
    public static final StreamId ZERO = new StreamId(0, 0);

    /**
     * Reads what {@link #toString()} wrote.
     *
     * @throws IllegalArgumentException if it is none
     */
    public static StreamId parse(String text) {
        int dash = text.indexOf('-');
        if (dash < 0) {
            throw new IllegalArgumentException("not an id of a stream entry (ms-seq): '" + text + "'");
        }
        try {
            return new StreamId(
                    Long.parseUnsignedLong(text, 0, dash, 10),
                    Long.parseUnsignedLong(text, dash + 1, text.length(), 10));
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("not an id of a stream entry (ms-seq): '" + text + "'", e);
        }
    }

    public boolean isZero() {
        return ms == 0 && seq == 0;
    }

    @Override
    public int compareTo(StreamId other) {
        return compare(ms, seq, other.ms, other.seq);
    }

    static int compare(long ms, long seq, long otherMs, long otherSeq) {
        int order = Long.compareUnsigned(ms, otherMs);
        return order != 0 ? order : Long.compareUnsigned(seq, otherSeq);
    }

    @Override
    public String toString() {
        return Long.toUnsignedString(ms) + '-' + Long.toUnsignedString(seq);
    }
}
