package io.rediscdc.standalone.redis;

import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnknownHostException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * A blocking connection that speaks RESP2, for pipelines in which the caller says when to send and when to read: a
 * comparison of two servers reads both answers side by side without ever holding a large value. One thread at a time.
 *
 * <p>Replies are {@code byte[]} (bulk, simple string), {@code Long}, {@code null}, or {@code List} of these; an error is
 * thrown as {@link RedisErrorException}, those inside a list stay in it.
 *
 * <p>It has a reader of its own beside {@code ReplyReader}, which makes an object of every reply: a comparison reads an integer and
 * two bulk strings for each key, and makes none; the strings of both sides are compared where they lie in the two buffers.
 */
public final class RedisConnection implements AutoCloseable {

    private static final int CONNECT_TIMEOUT_MS = 5_000;
    private static final int READ_TIMEOUT_MS = 60_000;
    private static final byte[] CRLF = {'\r', '\n'};

    private final RedisUri uri;
    private final Socket socket;
    private final InputStream in;
    private final OutputStream out;

    private final byte[] input = new byte[1 << 16];
    private int position;
    private int limit;

    private byte[] output = new byte[1 << 14];
    private int pending;

    private RedisConnection(RedisUri uri, Socket socket) throws IOException {
        this.uri = uri;
        this.socket = socket;
        this.in = socket.getInputStream();
        this.out = socket.getOutputStream();
    }

    /** Connects, and authenticates if the URI has credentials; the database stays 0. */
    public static RedisConnection open(RedisUri uri) {
        Socket socket = new Socket();
        RedisConnection connection;
        try {
            socket.setTcpNoDelay(true);
            socket.connect(new InetSocketAddress(uri.host(), uri.port()), CONNECT_TIMEOUT_MS);
            socket.setSoTimeout(READ_TIMEOUT_MS);
            connection = new RedisConnection(uri, socket);
        } catch (UnknownHostException e) {
            throw new RedisConnectionException(uri + ": unknown host", e);
        } catch (IOException e) {
            throw new RedisConnectionException(
                    uri + ": cannot connect: " + e.getMessage() + "; is the server running there?", e);
        }
        try {
            if (uri.password() != null && uri.user() != null) {
                connection.call("AUTH", uri.user(), uri.password());
            } else if (uri.password() != null) {
                connection.call("AUTH", uri.password());
            }
            return connection;
        } catch (RuntimeException e) {
            connection.close();
            throw e;
        }
    }

    public RedisUri uri() {
        return uri;
    }

    /** One command and its reply. */
    public Object call(String... words) {
        byte[][] command = new byte[words.length][];
        for (int i = 0; i < words.length; i++) {
            command[i] = words[i].getBytes(StandardCharsets.UTF_8);
        }
        return call(command);
    }

    /** One command and its reply. */
    public Object call(byte[]... words) {
        send(words);
        flush();
        return read();
    }

    /** As {@link #call(String...)}, where the reply is text. */
    public String text(String... words) {
        return string(call(words));
    }

    /** A bulk reply as text; null stays null. */
    public static String string(Object reply) {
        return reply == null ? null : new String((byte[]) reply, StandardCharsets.UTF_8);
    }

    /** Adds a command to what {@link #flush()} sends. */
    public void send(byte[]... words) {
        header('*', words.length);
        for (byte[] word : words) {
            header('$', word.length);
            reserve(word.length + 2);
            System.arraycopy(word, 0, output, pending, word.length);
            pending += word.length;
            output[pending++] = '\r';
            output[pending++] = '\n';
        }
    }

    public void flush() {
        try {
            out.write(output, 0, pending);
            pending = 0;
        } catch (IOException e) {
            throw lost(e);
        }
    }

    /** The next reply. */
    public Object read() {
        Object reply = readAny();
        if (reply instanceof RedisErrorException error) {
            throw error;
        }
        return reply;
    }

    /** The next reply, which is an integer. */
    public long readLong() {
        return (Long) read();
    }

    /** Length of the bulk reply that comes next, -1 if it is null; its bytes must be read or skipped next. */
    long readBulkLength() {
        int kind = readByte();
        if (kind == '-') {
            throw new RedisErrorException(line());
        }
        if (kind != '$') {
            throw notRedis();
        }
        return number();
    }

    /** Reads two bulk replies side by side, and says whether all but their last {@code ignored} bytes are the same. */
    public static BulkComparison compareBulks(RedisConnection a, RedisConnection b, int ignored) {
        long lengthA = a.readBulkLength();
        long lengthB = b.readBulkLength();
        if (lengthA < 0 || lengthB < 0 || lengthA != lengthB) {
            a.skipBulk(lengthA);
            b.skipBulk(lengthB);
            return new BulkComparison(lengthA, lengthB, false);
        }
        long left = Math.max(0, lengthA - ignored);
        long rest = lengthA - left;
        boolean same = true;
        while (left > 0) {
            a.fill();
            b.fill();
            int n = (int) Math.min(left, Math.min(a.limit - a.position, b.limit - b.position));
            same = same && Arrays.equals(a.input, a.position, a.position + n, b.input, b.position, b.position + n);
            a.position += n;
            b.position += n;
            left -= n;
        }
        a.skip(rest + 2);
        b.skip(rest + 2);
        return new BulkComparison(lengthA, lengthB, same);
    }

    /**
     * What two bulk replies are to each other.
     *
     * @param lengthA bytes, -1 if null
     * @param lengthB bytes, -1 if null
     * @param same neither is null and they are the same
     */
    public record BulkComparison(long lengthA, long lengthB, boolean same) {}

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            throw lost(e);
        }
    }

    private Object readAny() {
        int kind = readByte();
        return switch (kind) {
            case '+' -> line().getBytes(StandardCharsets.UTF_8);
            case '-' -> new RedisErrorException(line());
            case ':' -> number();
            case '$' -> bulk();
            case '*' -> list();
            default -> throw notRedis();
        };
    }

    private byte[] bulk() {
        long length = number();
        if (length < 0) {
            return null;
        }
        byte[] bytes = new byte[Math.toIntExact(length)];
        int done = 0;
        while (done < bytes.length) {
            fill();
            int n = Math.min(bytes.length - done, limit - position);
            System.arraycopy(input, position, bytes, done, n);
            position += n;
            done += n;
        }
        skip(2);
        return bytes;
    }

    private List<Object> list() {
        long length = number();
        if (length < 0) {
            return null;
        }
        List<Object> list = new ArrayList<>((int) Math.min(length, 1 << 16));
        for (long i = 0; i < length; i++) {
            list.add(readAny());
        }
        return list;
    }

    private void skipBulk(long length) {
        if (length >= 0) {
            skip(length + 2);
        }
    }

    private void skip(long count) {
        long left = count;
        while (left > 0) {
            fill();
            int n = (int) Math.min(left, limit - position);
            position += n;
            left -= n;
        }
    }

    private long number() {
        long value = 0;
        int b = readByte();
        boolean negative = b == '-';
        if (negative) {
            b = readByte();
        }
        while (b != '\r') {
            if (b < '0' || b > '9') {
                throw notRedis();
            }
            value = value * 10 + (b - '0');
            b = readByte();
        }
        skip(1);
        return negative ? -value : value;
    }

    private String line() {
        byte[] bytes = new byte[128];
        int length = 0;
        for (int b = readByte(); b != '\r'; b = readByte()) {
            if (length == 1 << 16) {
                throw notRedis();
            }
            if (length == bytes.length) {
                bytes = Arrays.copyOf(bytes, length * 2);
            }
            bytes[length++] = (byte) b;
        }
        skip(1);
        return new String(bytes, 0, length, StandardCharsets.UTF_8);
    }

    private int readByte() {
        fill();
        return input[position++];
    }

    /** At least one byte to read. */
    private void fill() {
        if (position < limit) {
            return;
        }
        try {
            int n = in.read(input);
            if (n < 0) {
                throw new EOFException("the server closed the connection");
            }
            position = 0;
            limit = n;
        } catch (SocketTimeoutException e) {
            throw new RedisConnectionException(uri + ": no answer within " + READ_TIMEOUT_MS / 1000 + " s", e);
        } catch (IOException e) {
            throw lost(e);
        }
    }

    private void header(char kind, int number) {
        reserve(16);
        output[pending++] = (byte) kind;
        if (number < 10) {
            output[pending++] = (byte) ('0' + number);
        } else {
            byte[] digits = Integer.toString(number).getBytes(StandardCharsets.US_ASCII);
            System.arraycopy(digits, 0, output, pending, digits.length);
            pending += digits.length;
        }
        System.arraycopy(CRLF, 0, output, pending, 2);
        pending += 2;
    }

    private void reserve(int bytes) {
        if (output.length - pending < bytes) {
            output = Arrays.copyOf(output, Math.max(output.length * 2, pending + bytes));
        }
    }

    private RedisConnectionException lost(IOException e) {
        return new RedisConnectionException(uri + ": connection lost: " + e.getMessage(), e);
    }

    private RedisConnectionException notRedis() {
        return new RedisConnectionException(
                uri + ": what listens there does not speak Redis's protocol; check the port");
    }
}
