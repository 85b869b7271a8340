package io.rediscdc.error;

/**
 * Everything that goes wrong here, sorted by who can do something about it. The message says what, where (node,
 * replid:offset, topic-partition@offset) and what to do; it never holds a key, a value or a secret.
 */
public class RedisCdcException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    /** Whose fault it is, and so whether trying again can help. */
    public enum Category {
        /** The configuration asks for what cannot be: an operator changes it. */
        CONFIG,
        /** A server cannot be reached, or went away: passes, tried again. */
        CONNECTION,
        /** Bytes that no server of a known version sends. */
        PROTOCOL,
        /** The history does not connect: something between two positions is missing. */
        GAP,
        /** Well-formed, but nothing here or at the target can express it. */
        UNSUPPORTED,
        /** The target refused a change. */
        TARGET_REJECTED
    }

    private final Category category;

    public RedisCdcException(Category category, String message) {
        super(message);
        this.category = category;
    }

    public RedisCdcException(Category category, String message, Throwable cause) {
        super(message, cause);
        this.category = category;
    }

    public Category category() {
        return category;
    }

    /** True where the same attempt can succeed later without anybody changing anything. */
    public boolean isRetriable() {
        return category == Category.CONNECTION;
    }
}
