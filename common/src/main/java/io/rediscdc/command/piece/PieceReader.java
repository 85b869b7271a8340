package io.rediscdc.command.piece;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.RespBuffer;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Goes through the commands of a piece and puts the key in. Of what makes up their bulk, nothing is decoded or copied more
 * than once. Everything that no {@link PieceWriter} writes is a PROTOCOL or UNSUPPORTED error. Not thread-safe.
 */
public final class PieceReader {

    private static final int MOST_ARGS = 1 << 20;

    private final byte[] data;

    private int at;
    private int args;
    private String name;
    private int first;
    private int keyStart;
    private int keyEnd;

    /** @param data not copied */
    public PieceReader(byte[] data) {
        this.data = data;
    }

    /** Moves to the next command; false if there is none. */
    public boolean next() {
        if (at == data.length) {
            return false;
        }
        args = number('*', MOST_ARGS);
        first = at;
        int nameLength = number('$', data.length);
        name = new String(data, at, Math.min(nameLength, data.length - at), StandardCharsets.US_ASCII);
        skip(nameLength);
        int keyIndex = PieceLayout.keyIndex(name);
        if (args <= keyIndex) {
            throw damaged();
        }
        for (int i = 1; i < args; i++) {
            int start = at;
            int length = number('$', data.length);
            skip(length);
            if (i == keyIndex) {
                keyStart = start;
                keyEnd = at;
                if (length != 0) {
                    throw damaged();
                }
            }
        }
        return true;
    }

    /** Name of the command, upper case. */
    public String name() {
        return name;
    }

    /** Number of its arguments, the name included. */
    public int size() {
        return args;
    }

    /** How many elements of the value it stands for. */
    public long elements() {
        return PieceLayout.elements(name, args);
    }

    /** Writes the command with a key. */
    public void writeTo(RespBuffer out, byte[] key) {
        out.begin(args).encoded(data, first, keyStart - first).arg(key).encoded(data, keyEnd, at - keyEnd);
    }

    /** Writes the command under another name, with a key, which has to be the first argument. */
    public void writeTo(RespBuffer out, byte[] otherName, byte[] key) {
        out.begin(args).arg(otherName).arg(key).encoded(data, keyEnd, at - keyEnd);
    }

    /** The first so many arguments of the command, with a key; for those commands that are short. */
    public byte[][] args(int count, byte[] key) {
        int end = at;
        at = first;
        byte[][] copies = new byte[count][];
        for (int i = 0; i < count; i++) {
            int length = number('$', data.length);
            copies[i] = i == PieceLayout.keyIndex(name) ? key : Arrays.copyOfRange(data, at, at + length);
            skip(length);
        }
        at = end;
        return copies;
    }

    private int number(char marker, int most) {
        long number = 0;
        if (at >= data.length || data[at++] != marker) {
            throw damaged();
        }
        int start = at;
        while (at < data.length && data[at] >= '0' && data[at] <= '9' && number <= most) {
            number = 10 * number + data[at++] - '0';
        }
        if (at == start || number > most) {
            throw damaged();
        }
        endLine();
        return (int) number;
    }

    private void skip(int length) {
        if (length > data.length - at) {
            throw damaged();
        }
        at += length;
        endLine();
    }

    private void endLine() {
        if (data.length - at < 2 || data[at] != '\r' || data[at + 1] != '\n') {
            throw damaged();
        }
        at += 2;
    }

    private RedisCdcException damaged() {
        return new RedisCdcException(
                Category.PROTOCOL,
                "the piece of a large value is damaged at byte " + at + " of " + data.length
                        + ": no commands without key are to be found there; let the source make a new snapshot");
    }
}
