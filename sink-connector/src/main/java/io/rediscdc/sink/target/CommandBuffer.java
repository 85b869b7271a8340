package io.rediscdc.sink.target;

import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.rediscdc.command.piece.PieceReader;
import io.rediscdc.format.resp.RespBuffer;

/** Commands in their wire form, counted: the server answers each with a reply. Used again; not thread-safe. */
public final class CommandBuffer {

    private static final int CAPACITY = 16 * 1024;

    /** What grew beyond this for one batch is not kept for the next, bytes. */
    private static final int MAX_KEPT = 8 * 1024 * 1024;

    private RespBuffer encoded = new RespBuffer(CAPACITY);
    private int commands;

    /** Starts a command. As many {@code arg} calls as it has arguments follow, its name included. */
    public CommandBuffer command(int args) {
        encoded.begin(args);
        commands++;
        return this;
    }

    /** A whole command, its name first. */
    public CommandBuffer command(byte[]... args) {
        encoded.command(args);
        commands++;
        return this;
    }

    /** A command of a piece, with its key. */
    public CommandBuffer command(PieceReader piece, byte[] key) {
        piece.writeTo(encoded, key);
        commands++;
        return this;
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

    /** Number of bytes. */
    public int length() {
        return encoded.length();
    }

    /** Number of commands, and so of replies. */
    public int commands() {
        return commands;
    }

    /** The bytes, shared: valid until {@link #clear} or the next command. */
    public ByteBuf view() {
        return Unpooled.wrappedBuffer(encoded.array(), 0, encoded.length());
    }

    public void clear() {
        commands = 0;
        if (encoded.array().length > MAX_KEPT) {
            encoded = new RespBuffer(CAPACITY);
        } else {
            encoded.clear();
        }
    }
}
