package io.rediscdc.format.resp;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.ByteInput;
import java.io.EOFException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads a server's answers during a handshake, in RESP2. Empty lines before a reply are skipped: a master that
 * prepares an RDB sends one every repl-ping-replica-period (replication.c, replicationCron). Takes not a byte more
 * than the reply from the input. Not thread-safe.
 */
public final class ReplyReader {

    private static final int MAX_LINE = 64 * 1024;
    private static final int MAX_DEPTH = 32;
    private static final int BELIEVED_ELEMENTS = 1024;

    private final RespInput in;

    public ReplyReader(ByteInput in) {
        this.in = new RespInput(in);
    }

    /**
     * The next reply, whole.
     *
     * @throws EOFException if the server hung up
     * @throws RedisCdcException PROTOCOL if it does not speak RESP2
     */
    public Reply next() throws IOException {
        return read(in.readMarker(), 0);
    }

    /**
     * The next line that is not empty, without its end, such as the {@code $<length>} or {@code $EOF:<mark>} before an
     * RDB.
     */
    public String nextLine() throws IOException {
        return readLine(in.readMarker());
    }

    private Reply read(byte marker, int depth) throws IOException {
        return switch (marker) {
            case '+' -> new Reply.Status(readLine());
            case '-' -> new Reply.Failure(readLine());
            case ':' -> new Reply.Int(readNumber());
            case '$' -> readBulk();
            case '*' -> readArray(depth);
            default ->
                throw in.malformed("found " + RespInput.printable(marker)
                        + " where a reply has to begin; check that host and port are those of a Redis server, and that"
                        + " both ends use TLS or neither does");
        };
    }

    private Reply readBulk() throws IOException {
        long length = in.readLength('$');
        if (length == -1) {
            return new Reply.Nil();
        }
        if (length < 0) {
            throw in.malformed("found '$" + length + "': a reply cannot have that length");
        }
        if (length > RespInput.MAX_LENGTH) {
            throw in.unsupported(
                    "a reply has " + length + " bytes; more than " + RespInput.MAX_LENGTH + " cannot be held");
        }
        return new Reply.Bulk(in.readBody((int) length));
    }

    private Reply readArray(int depth) throws IOException {
        long count = in.readLength('*');
        if (count == -1) {
            return new Reply.Nil();
        }
        if (count < 0 || count > Integer.MAX_VALUE) {
            throw in.malformed("found '*" + count + "': a reply cannot have that many elements");
        }
        if (depth == MAX_DEPTH) {
            throw in.malformed("a reply has more than " + MAX_DEPTH + " arrays within each other");
        }
        List<Reply> elements = new ArrayList<>((int) Math.min(count, BELIEVED_ELEMENTS));
        for (long i = 0; i < count; i++) {
            elements.add(read(in.readByte(), depth + 1));
        }
        return new Reply.Array(elements);
    }

    private long readNumber() throws IOException {
        String line = readLine();
        try {
            return Long.parseLong(line);
        } catch (NumberFormatException e) {
            throw in.malformed("an integer reply of " + line.length() + " characters is no 64-bit integer");
        }
    }

    private String readLine() throws IOException {
        return readLine(in.readByte());
    }

    /** Ends at CRLF; a carriage return elsewhere is an error. */
    private String readLine(byte first) throws IOException {
        byte[] line = new byte[64];
        int length = 0;
        byte b = first;
        while (b != '\r') {
            if (length == MAX_LINE) {
                throw in.malformed("a line has more than " + MAX_LINE + " bytes");
            }
            if (b == '\n') {
                throw in.malformed("a line ends without a carriage return after " + length + " bytes");
            }
            if (length == line.length) {
                line = Arrays.copyOf(line, 2 * length);
            }
            line[length++] = b;
            b = in.readByte();
        }
        in.readLineFeed();
        return new String(line, 0, length, StandardCharsets.UTF_8);
    }
}
