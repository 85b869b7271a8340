package io.rediscdc.sink.target;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rediscdc.command.piece.PieceReader;
import io.rediscdc.format.resp.RespBuffer;
import java.nio.charset.StandardCharsets;
import java.util.BitSet;

/**
 * Commands in their wire form, counted: the server answers each with a reply. They begin in database 0. Used again; not
 * thread-safe.
 */
public final class CommandBuffer {

    private static final int CAPACITY = 16 * 1024;

    /** What grew beyond this for one batch is not kept for the next, bytes. */
    private static final int MAX_KEPT = 8 * 1024 * 1024;

    /** A server does nothing else while it executes an MSET, for half a microsecond a key. */
    private static final int MOST_SETS = 500;

    private static final byte[] SET = ascii("*3\r\n$3\r\nSET\r\n");

    private RespBuffer encoded = new RespBuffer(CAPACITY);
    private int commands;
    private int db;
    private int lastSelect;

    /** Where the SETs begin that are one command so far, and how many they are; 0 when another command has followed. */
    private int setsBegin;

    private int sets;

    /** Starts a command. As many {@code arg} calls as it has arguments follow, its name included. */
    public CommandBuffer command(int args) {
        endSets();
        encoded.begin(args);
        commands++;
        return this;
    }

    /** A whole command, its name first. */
    public CommandBuffer command(byte[]... args) {
        endSets();
        encoded.command(args);
        commands++;
        return this;
    }

    /** A command of a piece, with its key. */
    public CommandBuffer command(PieceReader piece, byte[] key) {
        endSets();
        piece.writeTo(encoded, key);
        commands++;
        return this;
    }

    /** A command of a piece under another name, with its key, which has to be the first argument. */
    public CommandBuffer command(byte[] name, PieceReader piece, byte[] key) {
        endSets();
        piece.writeTo(encoded, name, key);
        commands++;
        return this;
    }

    /**
     * A SET without options. Those that follow one another are one MSET, which is one command, too: executed in a third of
     * the time, with two replies less for each.
     */
    public CommandBuffer set(byte[] key, byte[] value) {
        if (sets == MOST_SETS) {
            endSets();
        }
        if (sets == 0) {
            setsBegin = encoded.length();
            encoded.encoded(SET, 0, SET.length);
            commands++;
        }
        encoded.arg(key).arg(value);
        sets++;
        return this;
    }

    private void endSets() {
        if (sets > 1) {
            encoded.replace(setsBegin, SET.length, ascii("*" + (1 + 2 * sets) + "\r\n$4\r\nMSET\r\n"));
        }
        sets = 0;
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }

    public CommandBuffer arg(byte[] arg) {
        encoded.arg(arg);
        return this;
    }

    /** As UTF-8. */
    public CommandBuffer arg(String arg) {
        encoded.arg(arg);
        return this;
    }

    /** In decimal. */
    public CommandBuffer arg(long arg) {
        encoded.arg(arg);
        return this;
    }

    /** Counts a command that goes to the target between what is here so far and what follows. */
    public CommandBuffer elsewhere() {
        endSets();
        commands++;
        return this;
    }

    /** Has what follows executed in a database. */
    public void select(int wanted) {
        if (wanted != db) {
            lastSelect = commands;
            command(2).arg("SELECT").arg(wanted);
            db = wanted;
        }
    }

    /** Number of the last command that selects a database, 0 if there is none. */
    public int lastSelect() {
        return lastSelect;
    }

    /** Puts PING in the place of commands, so that all others keep their numbers and replies. */
    public void leaveOut(BitSet numbers) {
        endSets();
        RespBuffer kept = new RespBuffer(Math.max(CAPACITY, encoded.length()));
        byte[] bytes = encoded.array();
        int from = 0;
        int at = 0;
        for (int number = 0; number < commands; number++) {
            int end = endOfCommand(bytes, at);
            if (numbers.get(number)) {
                kept.encoded(bytes, from, at - from).command("PING");
                from = end;
            }
            at = end;
        }
        encoded = kept.encoded(bytes, from, at - from);
    }

    /** The bytes, shared: the first {@link #length}, until the next change. */
    byte[] array() {
        endSets();
        return encoded.array();
    }

    static int endOfCommand(byte[] bytes, int start) {
        int end = endOfLine(bytes, start);
        for (int args = number(bytes, start, end); args > 0; args--) {
            int header = end;
            end = endOfLine(bytes, header);
            end += number(bytes, header, end) + 2;
        }
        return end;
    }

    static int endOfLine(byte[] bytes, int start) {
        int at = start;
        while (bytes[at] != '\n') {
            at++;
        }
        return at + 1;
    }

    /** Of a line as {@code *3}, which this class wrote. */
    static int number(byte[] bytes, int start, int end) {
        int number = 0;
        for (int i = start + 1; i < end - 2; i++) {
            number = 10 * number + bytes[i] - '0';
        }
        return number;
    }

    /** Number of bytes; a few less, while SETs may follow that are one command with the last. */
    public int length() {
        return encoded.length();
    }

    /** Number of commands, and so of replies. */
    public int commands() {
        return commands;
    }

    /** The bytes, shared: valid until {@link #clear} or the next command. */
    public ByteBuf view() {
        endSets();
        return view(0, encoded.length());
    }

    /** Some of the bytes, shared in the same way. */
    public ByteBuf view(int from, int to) {
        return Unpooled.wrappedBuffer(encoded.array(), from, to - from);
    }

    public void clear() {
        sets = 0;
        commands = 0;
        db = 0;
        lastSelect = 0;
        if (encoded.array().length > MAX_KEPT) {
            encoded = new RespBuffer(CAPACITY);
        } else {
            encoded.clear();
        }
    }
}
