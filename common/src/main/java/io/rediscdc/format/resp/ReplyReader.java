package io.rediscdc.format.resp;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ByteInput;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;

/** Reads replies (RESP2), as a handshake needs them. Bare newlines before a reply, a server's sign of life, are passed over. */
public final class ReplyReader {

    private static final int LONGEST_LINE = 64 * 1024;
    private static final int DEEPEST = 8;

    private final RespInput in;

    public ReplyReader(ByteInput input) {
        this.in = new RespInput(input);
    }

    /**
     * The next reply; an error reply is returned, not thrown.
     *
     * @throws RedisCdcException PROTOCOL for what is none
     */
    public Reply next() throws IOException {
        return reply(0);
    }

    private Reply reply(int depth) throws IOException {
        int kind = in.read();
        while (kind == '\n' && depth == 0) {
            kind = in.read();
        }
        return switch (kind) {
            case '+' -> new Reply(false, line());
            case '-' -> new Reply(true, line());
            case ':' -> new Reply(false, in.number());
            case '$' -> {
                long length = in.number();
                yield new Reply(false, length == -1 ? null : in.bulk(length));
            }
            case '*' -> array(in.number(), depth);
            default -> throw in.unexpected("a reply", kind);
        };
    }

    private Reply array(long count, int depth) throws IOException {
        if (count == -1) {
            return new Reply(false, null);
        }
        if (count < -1 || depth == DEEPEST) {
            throw new RedisCdcException(Category.PROTOCOL, "an array of " + count + " elements at depth " + depth);
        }
        List<Reply> elements = new ArrayList<>();
        for (long i = 0; i < count; i++) {
            elements.add(reply(depth + 1));
        }
        return new Reply(false, elements);
    }

    private byte[] line() throws IOException {
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        for (int c = in.read(); c != '\r'; c = in.read()) {
            if (line.size() == LONGEST_LINE) {
                throw new RedisCdcException(Category.PROTOCOL, "a line of more than " + LONGEST_LINE + " bytes");
            }
            line.write(c);
        }
        in.expect('\n');
        return line.toByteArray();
    }
}
