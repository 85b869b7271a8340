package io.rediscdc.sink.target;

import io.netty.buffer.ByteBuf;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/**
 * Finds the replies (RESP2) in what the connection reads, however it is cut, and tells {@link BatchReplies} what can matter. A
 * reply costs a look at its first line and no object. Not thread-safe.
 *
 * <p>It is no {@code ReplyReader}, with which a scan reads its replies: that one waits for the bytes of a reply and makes an object
 * of it, and this one is handed what has arrived, which may end anywhere, and mostly counts.
 */
final class ReplyScanner {

    private static final int MAX_LINE = 64 * 1024;

    private final BatchReplies replies;
    private final int expected;

    private int reply;

    /** Elements that are still to come, per array that is open. */
    private long[] left = new long[8];

    private int depth;

    /** Rest of a bulk string and its line end. */
    private long bulkLeft;

    private byte[] bulk;

    private byte[] line = new byte[64];
    private int lineLength;

    ReplyScanner(BatchReplies replies, int expected) {
        this.replies = replies;
        this.expected = expected;
    }

    /** Number of the reply that is next or not complete, from 0. */
    int reply() {
        return reply;
    }

    /** The first replies have been read elsewhere. */
    void goOnAt(int next) {
        reply = next;
    }

    /** Arrays that are open: 0 outside the reply's own. */
    int depth() {
        return depth;
    }

    /** How many elements of the reply's own array are still to come, with the one that is being read. */
    long left() {
        return left[0];
    }

    /**
     * Takes what belongs to these replies.
     *
     * @return true once all are complete; what is left in the buffer then belongs to others
     * @throws RedisCdcException PROTOCOL if it is not RESP2
     */
    boolean read(ByteBuf in) {
        while (reply < expected && in.isReadable()) {
            if (bulkLeft > 0) {
                readBulk(in);
            } else {
                readLine(in);
            }
        }
        return reply == expected;
    }

    private void readBulk(ByteBuf in) {
        int n = (int) Math.min(bulkLeft, in.readableBytes());
        if (bulk == null) {
            in.skipBytes(n);
        } else {
            long text = Math.min(n, bulkLeft - 2);
            if (text > 0) {
                in.readBytes(bulk, (int) (bulk.length + 2 - bulkLeft), (int) text);
                in.skipBytes((int) (n - text));
            } else {
                in.skipBytes(n);
            }
        }
        bulkLeft -= n;
        if (bulkLeft == 0) {
            if (bulk != null) {
                replies.keep(bulk);
                bulk = null;
            }
            completed();
        }
    }

    private void readLine(ByteBuf in) {
        int end = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
        if (end > 0 && lineLength == 0 && isPlain(in, end)) {
            if (end - in.readerIndex() == 3 && in.getByte(in.readerIndex() + 1) == '0') {
                replies.zero();
            }
            in.readerIndex(end + 1);
            completed();
            return;
        }
        int n = (end < 0 ? in.writerIndex() : end + 1) - in.readerIndex();
        if (lineLength + n > MAX_LINE) {
            throw notRedis("a line without end");
        }
        if (lineLength + n > line.length) {
            line = Arrays.copyOf(line, Math.max(2 * line.length, lineLength + n));
        }
        in.readBytes(line, lineLength, n);
        lineLength += n;
        if (end >= 0) {
            int length = lineLength - 2;
            lineLength = 0;
            if (length < 1 || line[length] != '\r') {
                throw notRedis("a line that does not end as one");
            }
            handle(length);
        }
    }

    /** Whether a line says no more than that there is a reply: nearly all do. */
    private static boolean isPlain(ByteBuf in, int end) {
        byte type = in.getByte(in.readerIndex());
        return (type == '+' || type == ':') && in.getByte(end - 1) == '\r';
    }

    private void handle(int length) {
        switch (line[0]) {
            case '+', ':' -> {
                if (length == 2 && line[1] == '0') {
                    replies.zero();
                }
                completed();
            }
            case '-' -> {
                replies.error(new String(line, 1, length - 1, StandardCharsets.UTF_8));
                completed();
            }
            case '$' -> startBulk(number(length));
            case '*' -> startArray(number(length));
            default -> throw notRedis("a reply of unknown type " + (line[0] & 0xff));
        }
    }

    private void startBulk(long size) {
        if (size < 0) {
            if (replies.isKept()) {
                replies.keep(null);
            }
            completed();
        } else {
            bulkLeft = size + 2;
            if (replies.isKept()) {
                bulk = new byte[(int) size];
            }
        }
    }

    private void startArray(long size) {
        if (depth == 0) {
            replies.startArray(size);
        }
        if (size <= 0) {
            completed();
            return;
        }
        if (depth == left.length) {
            left = Arrays.copyOf(left, 2 * depth);
        }
        left[depth++] = size;
    }

    private void completed() {
        while (depth > 0) {
            if (--left[depth - 1] > 0) {
                return;
            }
            depth--;
        }
        replies.complete();
        reply++;
    }

    private long number(int length) {
        boolean negative = length > 1 && line[1] == '-';
        int first = negative ? 2 : 1;
        if (length - first < 1 || length - first > 18) {
            throw notRedis("a length that is no number");
        }
        long number = 0;
        for (int i = first; i < length; i++) {
            int digit = line[i] - '0';
            if (digit < 0 || digit > 9) {
                throw notRedis("a length that is no number");
            }
            number = 10 * number + digit;
        }
        return negative ? -number : number;
    }

    private RedisCdcException notRedis(String what) {
        return new RedisCdcException(
                Category.PROTOCOL, what + " as reply " + reply + " of " + expected + " from the target");
    }
}
