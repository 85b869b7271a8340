package io.rediscdc.model;

import java.util.HashMap;
import java.util.Map;

/** What a change does. The text is what stands in the record's {@code op} field. */
public enum Op {
    /** The whole state of a key. */
    SET("set"),
    /** A key's deletion. */
    DEL("del"),
    /** A write command, to be executed as it is. */
    COMMAND("command"),
    /** FLUSHALL or FLUSHDB. */
    FLUSH("flush"),
    SWAPDB("swapdb"),
    /** FUNCTION LOAD, DELETE, FLUSH or RESTORE. */
    FUNCTION("function"),
    /** SCRIPT LOAD or FLUSH, as old servers replicate them. */
    SCRIPT("script"),
    /** PUBLISH or SPUBLISH. */
    PUBLISH("publish"),
    SNAPSHOT_BEGIN("snapshot.begin"),
    SNAPSHOT_END("snapshot.end"),
    /** Changes nothing; moves the position of a quiet source. */
    HEARTBEAT("heartbeat");

    private static final Map<String, Op> BY_TEXT = new HashMap<>();

    static {
        for (Op op : values()) {
            BY_TEXT.put(op.text, op);
        }
    }

    private final String text;

    Op(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    /** True where the record carries {@code args}: something a server executes. */
    public boolean isExecutable() {
        return switch (this) {
            case COMMAND, FLUSH, SWAPDB, FUNCTION, SCRIPT, PUBLISH -> true;
            case SET, DEL, SNAPSHOT_BEGIN, SNAPSHOT_END, HEARTBEAT -> false;
        };
    }

    /**
     * The op of that text.
     *
     * @throws IllegalArgumentException if there is none: the record was written by a newer version
     */
    public static Op of(String text) {
        Op op = BY_TEXT.get(text);
        if (op == null) {
            throw new IllegalArgumentException("unknown op '" + text + "'");
        }
        return op;
    }
}
