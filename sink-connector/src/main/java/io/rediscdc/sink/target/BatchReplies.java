package io.rediscdc.sink.target;

import io.netty.buffer.ByteBuf;
import io.rediscdc.error.RedisCdcException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.List;

/**
 * Reads the replies (RESP2) to a batch that was sent as one piece, and keeps of them only what can matter: errors, what
 * became of EXEC, zeros where they tell something, and bulk strings outside EXEC. The {@link ReplyScanner} finds them.
 *
 * <p>Not thread-safe: the connection's event loop fills it, and whoever waited for its completion reads it.
 */
public final class BatchReplies {

    /** As many as a batch of usual size can have; each is short. */
    private static final int MAX_ERRORS_KEPT = 10_000;

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

    private final ReplyScanner scanner;
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
        this.scanner = new ReplyScanner(this, expected);
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

    /**
     * Of commands that answer with numbers.
     *
     * @param watched numbers of the replies, ascending, at which a 0 is noted; not copied
     */
    static BatchReplies ofNumbers(int expected, int[] watched) {
        return new BatchReplies(expected, expected, new BitSet(), NONE, watched);
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
        scanner.goOnAt(first.scanner.reply());
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
        return scanner.reply() > commitReply && !commitFailed && !discarded;
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
        return scanner.read(in);
    }

    /** Whether the bulk string that begins is to be kept. */
    boolean isKept() {
        return scanner.depth() == 0
                ? keptReply == ALL || keptReply == scanner.reply()
                : scanner.depth() == 1 && scanner.reply() == arrayReply;
    }

    /** @param value null for nil */
    void keep(byte[] value) {
        (scanner.depth() == 0 ? bulks : elements).add(value);
    }

    /**
     * A reply that is an array begins.
     *
     * @param size number of its elements, negative for nil
     */
    void startArray(long size) {
        if (execReplies.get(scanner.reply())) {
            executing = (int) size;
            discarded |= size < 0;
            if (scanner.reply() == commitReply) {
                executed = executing;
            }
        }
    }

    /** The whole reply has been read. */
    void complete() {
        if (interpreted && scanner.reply() == arrayReply && !elements.isEmpty()) {
            interpret();
        }
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
                    errors.add(new ErrorReply(
                            scanner.reply(), Integer.parseInt(text(elements.get(i))), text(elements.get(i + 1))));
                }
            }
            case "fenced" -> discarded = true;
            case "moved" -> {
                slotsNow = text(elements.get(2));
                commitFailed = true;
            }
            default -> {
                errorCount++;
                errors.add(new ErrorReply(scanner.reply(), -1, text(elements.get(2))));
                commitFailed = true;
            }
        }
    }

    private static String text(byte[] element) {
        return new String(element, StandardCharsets.UTF_8);
    }

    /** A reply, or an element, is the number 0. */
    void zero() {
        if (watched.length == 0) {
            return;
        }
        boolean inExec = execReplies.get(commitReply);
        if (inExec ? scanner.depth() != 1 || scanner.reply() != commitReply : scanner.depth() != 0) {
            return;
        }
        int number = inExec ? element() : scanner.reply();
        while (watching < watched.length && watched[watching] < number) {
            watching++;
        }
        if (watching < watched.length && watched[watching] == number) {
            zeros.add(watching);
        }
    }

    /** Number of the reply within EXEC's. */
    private int element() {
        return (int) (executing - scanner.left());
    }

    /** A reply, or an element, is an error. */
    void error(String text) {
        int reply = scanner.reply();
        int depth = scanner.depth();
        if (depth > 1 || (depth == 1 && !execReplies.get(reply))) {
            return; // an error object within what a script returned: the command itself succeeded
        }
        errorCount++;
        commitFailed |= depth == 0 && reply == commitReply;
        if (errors.size() < MAX_ERRORS_KEPT) {
            errors.add(new ErrorReply(reply, depth == 0 ? -1 : element(), text));
        }
    }
}
