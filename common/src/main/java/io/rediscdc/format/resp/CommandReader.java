package io.rediscdc.format.resp;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.ByteInput;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/**
 * Reads commands off a replication stream or an AOF: arrays of bulk strings, as servers write them. Empty lines
 * between commands are skipped and counted: a master sends them only before the RDB, but a replica counts every byte
 * that follows it (networking.c, commandProcessed), and so does {@link #position}. An inline command is an error, as
 * it is for a replica (networking.c, processInlineBuffer): only a stream that lost its step has one.
 *
 * <p>Each argument is a new array that belongs to the caller; nothing else is allocated. Not thread-safe. After an
 * IOException it can be used again if the input has gone back to the first byte after {@link #position}; after any other
 * exception it cannot.
 */
public final class CommandReader {

    /** What Redis takes at most (networking.c, processMultibulkBuffer). */
    private static final int MAX_ARGS = Integer.MAX_VALUE;

    private static final int BELIEVED_ARGS = 1 << 14;

    private final RespInput in;
    private final long maxBytes;
    private long position;

    public CommandReader(ByteInput in) {
        this(in, Long.MAX_VALUE / 2);
    }

    /** @param maxBytes the most a command may have in its wire form */
    public CommandReader(ByteInput in, long maxBytes) {
        this.in = new RespInput(in);
        this.maxBytes = maxBytes;
    }

    /**
     * The next command, its name first; blocks until all of it is there.
     *
     * @throws EOFException if the input ends; it ended within a command if it is beyond {@link #position} by more than
     *     empty lines
     * @throws LargeCommandException if it is larger than it may be; not all of it has been read then
     * @throws RedisCdcException PROTOCOL for what no server writes; UNSUPPORTED for an argument longer than an array
     *     can be, 2 GiB - 8
     */
    public byte[][] next() throws IOException {
        int count = readCount(in);
        long most = in.position() + maxBytes;
        byte[][] args = new byte[Math.min(count, BELIEVED_ARGS)][];
        for (int i = 0; i < count; i++) {
            if (i == args.length) {
                args = Arrays.copyOf(args, (int) Math.min(count, 2L * i));
            }
            args[i] = readArg(i, count, most);
        }
        position = in.position();
        return args;
    }

    /**
     * Number of bytes up to the end of the last command, from where the input stood when this reader was made; add it
     * to the offset there to have the replication offset.
     */
    public long position() {
        return position;
    }

    /** Number of arguments of the command that comes next. */
    static int readCount(RespInput in) throws IOException {
        byte marker = in.readMarker();
        if (marker != '*') {
            throw in.malformed("found " + RespInput.printable(marker) + " where a command has to begin with '*'");
        }
        long announced = in.readLength('*');
        if (announced < 1 || announced > MAX_ARGS) {
            throw in.malformed("found '*" + announced + "': no command has that many arguments");
        }
        return (int) announced;
    }

    /** Length of the argument that comes next. */
    static long readArgLength(RespInput in, int index, int count) throws IOException {
        byte marker = in.readByte();
        if (marker != '$') {
            throw in.malformed("found " + RespInput.printable(marker) + " where argument " + (index + 1) + " of "
                    + count + " has to begin with '$'");
        }
        long length = in.readLength('$');
        if (length < 0) {
            throw in.malformed(
                    "found '$" + length + "': argument " + (index + 1) + " of " + count + " cannot have that length");
        }
        return length;
    }

    private byte[] readArg(int index, int count, long most) throws IOException {
        long length = readArgLength(in, index, count);
        if (in.position() + length > most) {
            throw new LargeCommandException(maxBytes);
        }
        if (length > RespInput.MAX_LENGTH) {
            throw in.unsupported("argument " + (index + 1) + " of " + count + " has " + length + " bytes; more than "
                    + RespInput.MAX_LENGTH + " cannot be held");
        }
        return in.readBody((int) length);
    }
}
