package io.rediscdc.sink.target;

import io.netty.buffer.ByteBuf;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/**
 * Reads the replies (RESP2) to a batch that was sent as one piece, and keeps of them only what can matter: errors, what
 * became of EXEC, zeros where they tell something, and bulk strings outside EXEC. A reply costs a look at its first line and
 * no object.
 *
 * <p>Not thread-safe: the connection's event loop fills it, and whoever waited for its completion reads it.
 */
public final class BatchReplies {

    /** As many as a batch of usual size can have; each is short. */
    private static final int MAX_ERRORS_KEPT = 10_000;

    private static final int MAX_LINE = 64 * 1024;

    /**
     * An error reply.
     *
     * @param reply number of the reply, from 0: the place of the command in the batch
     * @param element number of the reply within EXEC's, from 0; -1 for one outside it
     * @param text the server's words
     */
    public record ErrorReply(int reply, int element, String text) {}

    private static final int ALL = -1;
    private static final int NONE = -2;
    private static final int[] NOTHING = {};

    private final int expected;
    private final int commitReply;
    private final BitSet execReplies;
    private final int keptReply;
    private final int[] watched;

    private int watching;
    private final List<Integer> zeros = new ArrayList<>(0);
    private final List<ErrorReply> errors = new ArrayList<>(0);
    private final List<byte[]> bulks = new ArrayList<>(1);
    private int errorCount;
    private boolean discarded;
    private boolean commitFailed;
    private int executed = -1;

    /** Number of replies within that of the EXEC being read. */
    private int executing;

    /** Which reply is a script's array, -1 for none; and what is in it, null for nil. */
    private final int arrayReply;

    private final List<byte[]> elements = new ArrayList<>(0);
    private final boolean interpreted;
    private String slotsNow;

    private int reply;
    private long[] left = new long[8];
    private int depth;

    /** Rest of a bulk string and its line end. */
    private long bulkLeft;

    private byte[] bulk;

    private byte[] line = new byte[64];
    private int lineLength;

    /**
     * Of a batch that is a transaction.
     *
     * @param expected number of replies
     * @param execReply which of them is EXEC's, from 0; -1 for none
     */
    public BatchReplies(int expected, int execReply) {
        this(expected, execReply, NOTHING);
    }

    /** @param watched numbers of replies within EXEC's, ascending, at which a 0 is noted; not copied */
    public BatchReplies(int expected, int execReply, int[] watched) {
        this(expected, execReply, only(execReply), ALL, watched);
    }

    /**
     * Of a batch that has transactions in it.
     *
     * @param expected number of replies
     * @param commitReply which of them says, by being no error, that the batch counts as applied, from 0
     * @param execReplies which of them are EXEC's
     * @param keptReply the only one whose bulk string, if it is one, is kept
     * @param watched numbers of replies, ascending, at which a 0 is noted; not copied. If an EXEC decides, of those
     *     within its reply, else of those outside any
     */
    public BatchReplies(int expected, int commitReply, BitSet execReplies, int keptReply, int[] watched) {
        this(expected, commitReply, execReplies, keptReply, watched, NONE, false);
    }

    private BatchReplies(
            int expected,
            int commitReply,
            BitSet execReplies,
            int keptReply,
            int[] watched,
            int arrayReply,
            boolean interpreted) {
        this.expected = expected;
        this.commitReply = commitReply;
        this.execReplies = execReplies;
        this.keptReply = keptReply;
        this.watched = watched;
        this.arrayReply = arrayReply;
        this.interpreted = interpreted;
    }

    /**
     * Of a batch that is a call of {@link BatchScript}, perhaps after other commands.
     *
     * @param expected number of replies, the last of which is the script's
     * @param watched numbers of the script's commands, ascending, at which a 0 is noted; not copied
     */
    public static BatchReplies ofScript(int expected, int[] watched) {
        return new BatchReplies(expected, expected - 1, new BitSet(), NONE, watched, expected - 1, true);
    }

    /** Of commands the last of which answers with an array of strings: {@link #elements()}. */
    static BatchReplies ofArray(int expected) {
        return new BatchReplies(expected, expected - 1, new BitSet(), NONE, NOTHING, expected - 1, false);
    }

    /**
     * Of the first commands of a batch, which have to be answered before the others are sent ({@link #goingOnFrom}). Of their
     * bulk strings only the first reply's is kept.
     */
    public static BatchReplies ofFirst(int commands) {
        return new BatchReplies(commands, commands, new BitSet(), 0, NOTHING);
    }

    /** Has this be about the whole batch, of which the first commands have been answered. Before anything is read. */
    public BatchReplies goingOnFrom(BatchReplies first) {
        reply = first.reply;
        errors.addAll(first.errors);
        errorCount = first.errorCount;
        bulks.addAll(first.bulks);
        return this;
    }

    private static BitSet only(int reply) {
        BitSet set = new BitSet();
        if (reply >= 0) {
            set.set(reply);
        }
        return set;
    }

    /** Which of the replies watched were 0: their places among those. */
    public List<Integer> zeros() {
        return Collections.unmodifiableList(zeros);
    }

    /** The first errors, in the order of the replies; those within EXEC's reply are of commands that failed alone. */
    public List<ErrorReply> errors() {
        return Collections.unmodifiableList(errors);
    }

    /** Number of all errors, of which {@link #errors()} keeps the first. */
    public int errorCount() {
        return errorCount;
    }

    /** Whether EXEC answered nil: a watched key was changed by somebody, nothing has been executed. */
    public boolean isDiscarded() {
        return discarded;
    }

    /** Whether the batch counts as applied: the EXEC that decides was carried out, or the command that does. */
    public boolean isCommitted() {
        return reply > commitReply && !commitFailed && !discarded;
    }

    /** Number of replies within the deciding EXEC's; -1 if it executed nothing, or no EXEC decides. */
    public int executed() {
        return executed;
    }

    /** The bulk strings outside EXEC's reply, null for nil. */
    public List<byte[]> bulks() {
        return Collections.unmodifiableList(bulks);
    }

    /** The strings in the array that was asked for, null for nil. */
    List<byte[]> elements() {
        return elements;
    }

    /**
     * What the node of a cluster says of its slots, if that is not what the script was told, so that it did nothing; else
     * null.
     */
    public String slotsNow() {
        return slotsNow;
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
                keep(bulk);
                bulk = null;
            }
            completed();
        }
    }

    private void readLine(ByteBuf in) {
        int end = in.indexOf(in.readerIndex(), in.writerIndex(), (byte) '\n');
        if (end > 0 && lineLength == 0 && isPlain(in, end)) {
            if (end - in.readerIndex() == 3 && in.getByte(in.readerIndex() + 1) == '0') {
                zero();
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
                    zero();
                }
                completed();
            }
            case '-' -> {
                error(new String(line, 1, length - 1, StandardCharsets.UTF_8));
                completed();
            }
            case '$' -> startBulk(number(length));
            case '*' -> startArray(number(length));
            default -> throw notRedis("a reply of unknown type " + (line[0] & 0xff));
        }
    }

    private void startBulk(long size) {
        if (size < 0) {
            if (isKept()) {
                keep(null);
            }
            completed();
        } else {
            bulkLeft = size + 2;
            if (isKept()) {
                bulk = new byte[(int) size];
            }
        }
    }

    private boolean isKept() {
        return depth == 0 ? keptReply == ALL || keptReply == reply : depth == 1 && reply == arrayReply;
    }

    private void keep(byte[] value) {
        (depth == 0 ? bulks : elements).add(value);
    }

    private void startArray(long size) {
        if (depth == 0 && execReplies.get(reply)) {
            executing = (int) size;
            discarded |= size < 0;
            if (reply == commitReply) {
                executed = executing;
            }
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
        if (interpreted && reply == arrayReply && !elements.isEmpty()) {
            interpret();
        }
        reply++;
    }

    /** As {@link BatchScript} answers: what it did, the writer, and what belongs to that. */
    private void interpret() {
        String outcome = text(elements.get(0));
        bulks.add(elements.get(1));
        switch (outcome) {
            case "done" -> {
                bulks.add(elements.get(2));
                for (String number : text(elements.get(3)).split(",", -1)) {
                    int at = number.isEmpty() ? -1 : Arrays.binarySearch(watched, Integer.parseInt(number));
                    if (at >= 0) {
                        zeros.add(at);
                    }
                }
                for (int i = 4; i + 1 < elements.size(); i += 2) {
                    errorCount++;
                    errors.add(
                            new ErrorReply(reply, Integer.parseInt(text(elements.get(i))), text(elements.get(i + 1))));
                }
            }
            case "fenced" -> discarded = true;
            case "moved" -> {
                slotsNow = text(elements.get(2));
                commitFailed = true;
            }
            default -> {
                errorCount++;
                errors.add(new ErrorReply(reply, -1, text(elements.get(2))));
                commitFailed = true;
            }
        }
    }

    private static String text(byte[] element) {
        return new String(element, StandardCharsets.UTF_8);
    }

    private void zero() {
        if (watched.length == 0) {
            return;
        }
        boolean inExec = execReplies.get(commitReply);
        if (inExec ? depth != 1 || reply != commitReply : depth != 0) {
            return;
        }
        int number = inExec ? element() : reply;
        while (watching < watched.length && watched[watching] < number) {
            watching++;
        }
        if (watching < watched.length && watched[watching] == number) {
            zeros.add(watching);
        }
    }

    /** Number of the reply within EXEC's. */
    private int element() {
        return (int) (executing - left[0]);
    }

    private void error(String text) {
        if (depth > 1 || (depth == 1 && !execReplies.get(reply))) {
            return; // an error object within what a script returned: the command itself succeeded
        }
        errorCount++;
        commitFailed |= depth == 0 && reply == commitReply;
        if (errors.size() < MAX_ERRORS_KEPT) {
            errors.add(new ErrorReply(reply, depth == 0 ? -1 : element(), text));
        }
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
