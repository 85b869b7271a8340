package io.rediscdc.format.resp;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.ByteInput;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * Reads commands as a master sends them to its replicas and as an AOF holds them: arrays of bulk strings; a line of
 * words, too, as a server takes it (networking.c, processInlineBuffer), blank lines being none. Every byte read counts in
 * the replication offset. Not thread-safe.
 */
public final class CommandReader {

    private static final int TRUSTED_ARGS = 1024;
    private static final int LONGEST_LINE = 64 * 1024;

    private final RespInput in;

    public CommandReader(ByteInput input) {
        this.in = new RespInput(input);
    }

    /**
     * The next command, its name first; never empty.
     *
     * @throws RedisCdcException PROTOCOL for what is no command, UNSUPPORTED for an argument beyond 2 GiB
     * @throws IOException what the input throws; nothing of the command is kept, so a reader whose input goes back to its
     *     first byte can call again
     */
    public byte[][] next() throws IOException {
        while (true) {
            int first = in.read();
            if (first == '*') {
                long args = in.number();
                if (args > 0) {
                    return array(args);
                }
            } else if (first != '\r' && first != '\n') {
                byte[][] words = line(first);
                if (words.length > 0) {
                    return words;
                }
            }
        }
    }

    private byte[][] array(long count) throws IOException {
        if (count > Integer.MAX_VALUE - 64) {
            throw new RedisCdcException(Category.PROTOCOL, "a command of " + count + " arguments is announced");
        }
        byte[][] args = new byte[(int) Math.min(count, TRUSTED_ARGS)][];
        for (int i = 0; i < count; i++) {
            if (i == args.length) {
                args = Arrays.copyOf(args, (int) Math.min(count, 2L * args.length));
            }
            int kind = in.read();
            if (kind != '$') {
                throw in.unexpected("the '$' of an argument", kind);
            }
            args[i] = in.bulk(in.number());
        }
        return args;
    }

    private byte[][] line(int first) throws IOException {
        StringBuilder line = new StringBuilder();
        for (int c = first; c != '\n'; c = in.read()) {
            if ((c < ' ' && c != '\r' && c != '\t') || c > '~') {
                throw in.unexpected("a command", c);
            }
            if (line.length() == LONGEST_LINE) {
                throw new RedisCdcException(Category.PROTOCOL, "a line of more than " + LONGEST_LINE + " bytes");
            }
            line.append((char) c);
        }
        List<byte[]> words = new ArrayList<>();
        for (String word : line.toString().trim().split("\\s+", -1)) {
            if (!word.isEmpty()) {
                words.add(word.getBytes(StandardCharsets.US_ASCII));
            }
        }
        return words.toArray(byte[][]::new);
    }
}
