package io.rediscdc.format.resp;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.ByteInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads one command, as {@link CommandReader} does, but as pieces of its wire form, of which no more than one is in memory.
 * All of them together are the command, byte for byte, without empty lines before it. Between two pieces nothing is known
 * but how many arguments, and how many bytes of one, are still to come. Not thread-safe.
 *
 * <p>After an IOException it can be used again if the input has gone back to where the piece began; after any other exception
 * it cannot.
 */
public final class CommandCutter {

    /** The least a piece may have: enough for a header and an end of a line, and for something between. */
    public static final int SMALLEST_PIECE = 64;

    /** Marker, 19 digits, CRLF, and the CRLF of an empty argument. */
    private static final int HEADER_ROOM = 24;

    private static final int HEAD_ARGS = 64;
    private static final int HEAD_LENGTH = 1 << 20;
    private static final long NO_ARG = -1;
    private static final byte[] UNKNOWN = {};

    private final RespInput in;
    private final byte[] piece;
    private final List<byte[]> head = new ArrayList<>();

    /** Number of arguments; 0 before the first piece. */
    private int count;

    /** Number of arguments whose end has been read. */
    private int done;

    /** What is missing of the argument that was begun, or {@link #NO_ARG}. */
    private long missing = NO_ARG;

    private long length;
    private int size;

    /**
     * Reads nothing yet.
     *
     * @param in at the command's begin, or at empty lines before it
     * @param maxBytes the most a piece may have, at least {@value #SMALLEST_PIECE}
     */
    public CommandCutter(ByteInput in, int maxBytes) {
        if (maxBytes < SMALLEST_PIECE) {
            throw new IllegalArgumentException("pieces of " + maxBytes + " bytes");
        }
        this.in = new RespInput(in);
        this.piece = new byte[maxBytes];
    }

    /**
     * The next piece; blocks until all of it is there. Not to be called after the last one.
     *
     * @throws RedisCdcException PROTOCOL for what no server writes
     */
    public byte[] next() throws IOException {
        size = 0;
        int args = count;
        int read = done;
        long left = missing;
        boolean isFirst = count == 0;
        if (isFirst) {
            head.clear();
            args = CommandReader.readCount(in);
            put('*', args);
        }
        int begun = size;
        while (read < args) {
            if (left == NO_ARG) {
                if (piece.length - size < HEADER_ROOM) {
                    break;
                }
                left = CommandReader.readArgLength(in, read, args);
                put('$', left);
                begun = size;
            }
            // The end of an argument is in the same piece as its last byte.
            int n = (int) Math.min(left, piece.length - size - 2);
            in.readFully(piece, size, n);
            size += n;
            left -= n;
            if (left > 0) {
                break;
            }
            in.readBodyEnd(n);
            if (isFirst && read < HEAD_ARGS) {
                head.add(Arrays.copyOfRange(piece, begun, size));
            }
            endLine();
            left = NO_ARG;
            read++;
        }
        count = args;
        done = read;
        missing = left;
        length += size;
        return Arrays.copyOf(piece, size);
    }

    /** Whether the last piece has been read. */
    public boolean isOver() {
        return count > 0 && done == count;
    }

    /** Number of bytes in all pieces so far. */
    public long length() {
        return length;
    }

    /**
     * What the first piece says of the command, its name first: an empty argument for each that it does not have whole. There
     * is none for most of them where they are more than a million.
     */
    public byte[][] head() {
        byte[][] args = new byte[count <= HEAD_LENGTH ? count : HEAD_LENGTH + (count & 1)][];
        Arrays.fill(args, UNKNOWN);
        for (int i = 0; i < head.size(); i++) {
            args[i] = head.get(i);
        }
        return args;
    }

    /** As strict as it is read, there is only one way to write it. */
    private void put(char marker, long number) {
        byte[] digits = Long.toString(number).getBytes(StandardCharsets.US_ASCII);
        piece[size++] = (byte) marker;
        System.arraycopy(digits, 0, piece, size, digits.length);
        size += digits.length;
        endLine();
    }

    private void endLine() {
        piece[size++] = '\r';
        piece[size++] = '\n';
    }
}
