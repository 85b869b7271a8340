package io.rediscdc.fuzz;

import io.rediscdc.command.CommandTable;
import io.rediscdc.command.ExpireTime;
import io.rediscdc.command.piece.PieceReader;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.ByteInput;
import io.rediscdc.format.ChoppedInput;
import io.rediscdc.format.resp.CommandCutter;
import io.rediscdc.format.resp.CommandReader;
import io.rediscdc.format.resp.CommandScanner;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.ReplyReader;
import io.rediscdc.format.resp.RespBuffer;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/**
 * RESP: the first byte says whether the rest is commands, replies, lines, or commands of a piece of a large value. However it
 * arrives, it is the same; so are commands that are cut into pieces, which are as large as the first byte says.
 */
public final class RespFuzz {

    private static final int COMMANDS = 0;
    private static final int PIECE = 3;
    private static final byte[] KEY = {'k'};

    private RespFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        if (data.length == 0) {
            return;
        }
        byte[] bytes = Arrays.copyOfRange(data, 1, data.length);
        int kind = data[0] & 3;
        if (kind == PIECE) {
            readPiece(bytes);
            return;
        }
        String whole = read(kind, new ArrayInput(bytes));
        String chopped = read(kind, new ChoppedInput(bytes, () -> 5));
        if (!whole.equals(chopped)) {
            throw new AssertionError(whole + " is " + chopped + " when it comes in pieces");
        }
        if (kind == COMMANDS) {
            cutAll(bytes, CommandCutter.SMALLEST_PIECE + (data[0] & 0xff));
        }
    }

    /** All commands, each cut into pieces: together they are what it was, whoever reads it. */
    private static void cutAll(byte[] bytes, int maxBytes) throws IOException {
        ByteInput in = new ArrayInput(bytes);
        try {
            while (true) {
                cut(in, bytes, maxBytes);
            }
        } catch (EOFException e) {
            return;
        } catch (RedisCdcException e) {
            Outcome.check(e);
        }
    }

    private static void cut(ByteInput in, byte[] bytes, int maxBytes) throws IOException {
        CommandCutter cutter = new CommandCutter(in, maxBytes);
        Rewritten scanned = new Rewritten();
        CommandScanner scanner = new CommandScanner(scanned);
        RespBuffer all = new RespBuffer(64);
        int pieces = 0;
        while (!cutter.isOver()) {
            byte[] piece = cutter.next();
            if (piece.length > maxBytes || (piece.length == 0 && pieces > 0)) {
                throw new AssertionError("a piece of " + piece.length + " bytes, of " + maxBytes);
            }
            all.encoded(piece, 0, piece.length);
            scanner.scan(piece);
            pieces++;
        }
        byte[] whole = all.toByteArray();
        int begin = (int) in.position() - whole.length;
        if (begin < 0 || !Arrays.equals(whole, 0, whole.length, bytes, begin, begin + whole.length)) {
            throw new AssertionError(pieces + " pieces are not the command that ends at " + in.position());
        }
        byte[][] args = new CommandReader(new ArrayInput(whole)).next();
        if (!scanner.isOver() || !Arrays.equals(whole, scanned.out.toByteArray())) {
            throw new AssertionError("a command of " + args.length + " arguments is another one when it is scanned");
        }
        byte[][] head = cutter.head();
        for (int i = 0; i < Math.min(head.length, args.length); i++) {
            if (head[i].length > 0 && !Arrays.equals(head[i], args[i])) {
                throw new AssertionError("argument " + i + " is another one in the head");
            }
        }
    }

    /** A command written again as it is scanned. */
    private static final class Rewritten implements CommandScanner.Visitor {

        private final RespBuffer out = new RespBuffer(64);

        @Override
        public void command(int args) {
            out.begin(args);
        }

        @Override
        public void arg(int index, long length) {
            out.beginArg(length);
        }

        @Override
        public void bytes(byte[] from, int offset, int length) {
            out.encoded(from, offset, length);
        }

        @Override
        public void end(int index) {
            out.endArg();
        }
    }

    private static String read(int kind, ByteInput in) throws IOException {
        int read = 0;
        long hash = 0;
        try {
            CommandReader commands = new CommandReader(in);
            ReplyReader replies = new ReplyReader(in);
            while (true) {
                switch (kind) {
                    case COMMANDS -> {
                        byte[][] args = commands.next();
                        checkKeys(args);
                        hash = 31 * hash + Arrays.deepHashCode(args);
                        if (commands.position() != in.position()) {
                            throw new AssertionError(
                                    "a command ends at " + commands.position() + ", not " + in.position());
                        }
                    }
                    case 1 -> hash = 31 * hash + hash(replies.next());
                    default -> hash = 31 * hash + replies.nextLine().hashCode();
                }
                read++;
            }
        } catch (EOFException e) {
            return read + " items, then the end, " + hash;
        } catch (RedisCdcException e) {
            Outcome.check(e);
            return read + " items, then " + e.category() + ", " + hash;
        }
    }

    private static void checkKeys(byte[][] args) {
        for (int key : CommandTable.standard().spec(args).keys(args)) {
            if (key < 1 || key >= args.length) {
                throw new AssertionError("key " + key + " of " + args.length + " arguments");
            }
        }
        ExpireTime time = ExpireTime.of(args);
        if (time != null && time.withAtMs(1).length < 2) {
            throw new AssertionError("a command without its key");
        }
    }

    private static void readPiece(byte[] bytes) {
        try {
            PieceReader commands = new PieceReader(bytes);
            RespBuffer out = new RespBuffer(64);
            while (commands.next()) {
                out.clear();
                commands.writeTo(out, KEY);
                if (commands.elements() < 0 || out.length() == 0) {
                    throw new AssertionError(commands.name() + " of " + commands.elements() + " elements");
                }
            }
        } catch (RedisCdcException e) {
            Outcome.check(e);
        }
    }

    private static int hash(Reply reply) {
        if (reply instanceof Reply.Bulk bulk) {
            return Arrays.hashCode(bulk.bytes());
        }
        if (reply instanceof Reply.Array array) {
            int hash = 1;
            for (Reply element : array.elements()) {
                hash = 31 * hash + hash(element);
            }
            return hash;
        }
        return reply.toString().hashCode();
    }
}
