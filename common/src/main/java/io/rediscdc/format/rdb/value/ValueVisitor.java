package io.rediscdc.format.rdb.value;

/**
 * Takes a value element by element, in the order the server wrote it. Byte arrays are the receiver's, but not to be
 * changed: fields that entries of a stream share are handed out again and again. An exception thrown here ends decoding.
 */
public interface ValueVisitor {

    /** {@code expireAtMs} of a hash field that does not expire. */
    long NEVER = -1;

    /**
     * A piece of a string value.
     *
     * @param last true for the last one; an empty string is one empty piece
     */
    void string(byte[] piece, boolean last);

    /** An element of a list, from head to tail. */
    void listElement(byte[] element);

    /** A member of a set. */
    void setMember(byte[] member);

    /** A member of a sorted set. The score can be infinite; NaN only where a server of old let it in. */
    void zsetMember(byte[] member, double score);

    /**
     * A field of a hash.
     *
     * @param expireAtMs ms since 1970, {@link #NEVER} if it does not expire; may have passed
     */
    void hashField(byte[] field, byte[] value, long expireAtMs);

    /** Takes what a stream consists of. Asked for at most once a value, before its first part. */
    StreamVisitor stream();
}
