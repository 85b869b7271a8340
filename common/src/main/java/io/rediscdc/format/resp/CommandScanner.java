package io.rediscdc.format.resp;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;

/**
 * Follows one command in its wire form as its pieces come, wherever they are cut, and holds nothing of it. Not thread-safe;
 * of no use any more after an exception.
 */
public final class CommandScanner {

    /** Gets what a command consists of, in its order. */
    public interface Visitor {

        /** The command begins, and has that many arguments, its name included. */
        void command(int args);

        /**
         * An argument begins.
         *
         * @param length bytes
         */
        void arg(int index, long length);

        /** Some of the argument's bytes, which follow those before; not to be kept. */
        void bytes(byte[] from, int offset, int length);

        /** All of the argument was there. */
        void end(int index);
    }

    private enum State {
        COUNT,
        LENGTH,
        BODY,
        CR,
        LF,
        OVER
    }

    /** More digits no length has that a server takes. */
    private static final int MAX_DIGITS = 11;

    private static final long MAX_LENGTH = 1L << 33;

    private final Visitor visitor;
    private State state = State.COUNT;
    private int count;
    private int index;
    private long missing;

    /** Of the line being read: characters so far, and the number in it. */
    private int chars;

    private long number;
    private boolean ended;

    public CommandScanner(Visitor visitor) {
        this.visitor = visitor;
    }

    /** Whether the whole command has been seen. */
    public boolean isOver() {
        return state == State.OVER;
    }

    /**
     * Goes on with what comes next.
     *
     * @throws RedisCdcException PROTOCOL if it is no command, or goes on after its end
     */
    public void scan(byte[] piece) {
        int at = 0;
        while (at < piece.length) {
            switch (state) {
                case COUNT, LENGTH -> line(piece[at++]);
                case BODY -> {
                    int n = (int) Math.min(missing, piece.length - at);
                    visitor.bytes(piece, at, n);
                    at += n;
                    missing -= n;
                    if (missing == 0) {
                        state = State.CR;
                    }
                }
                case CR -> {
                    expect(piece[at++], '\r');
                    state = State.LF;
                }
                case LF -> {
                    expect(piece[at++], '\n');
                    visitor.end(index);
                    index++;
                    state = index == count ? State.OVER : State.LENGTH;
                }
                case OVER -> throw malformed((piece.length - at) + " bytes follow its end");
            }
        }
    }

    private void line(byte next) {
        if (chars == 0) {
            expect(next, state == State.COUNT ? '*' : '$');
        } else if (ended) {
            expect(next, '\n');
            endOfLine();
            return;
        } else if (next == '\r' && chars > 1) {
            ended = true;
        } else if (next >= '0' && next <= '9' && chars <= MAX_DIGITS) {
            number = 10 * number + next - '0';
        } else {
            throw malformed("a length that is no number");
        }
        chars++;
    }

    private void endOfLine() {
        if (state == State.COUNT) {
            if (number < 1 || number > Integer.MAX_VALUE) {
                throw malformed("it says to have " + number + " arguments");
            }
            count = (int) number;
            state = State.LENGTH;
            visitor.command(count);
        } else {
            if (number > MAX_LENGTH) {
                throw malformed("it says to have an argument of " + number + " bytes");
            }
            missing = number;
            state = missing == 0 ? State.CR : State.BODY;
            visitor.arg(index, number);
        }
        chars = 0;
        number = 0;
        ended = false;
    }

    private void expect(byte found, char wanted) {
        if (found != wanted) {
            throw malformed("found byte " + (found & 0xff) + " where " + (int) wanted + " has to be");
        }
    }

    private RedisCdcException malformed(String what) {
        return new RedisCdcException(
                Category.PROTOCOL, what + ", at argument " + (index + 1) + " of " + (count == 0 ? "?" : count));
    }
}
