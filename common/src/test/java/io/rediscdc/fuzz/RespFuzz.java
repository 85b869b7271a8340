package io.rediscdc.fuzz;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.format.ArrayInput;
import io.rediscdc.format.ByteInput;
import io.rediscdc.format.ChoppedInput;
import io.rediscdc.format.resp.CommandReader;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.ReplyReader;
import java.io.EOFException;
import java.io.IOException;
import java.util.Arrays;

/** RESP: the first byte says whether the rest is commands, replies or lines. However it arrives, it is the same. */
public final class RespFuzz {

    private RespFuzz() {}

    public static void fuzzerTestOneInput(byte[] data) throws IOException {
        if (data.length == 0) {
            return;
        }
        byte[] bytes = Arrays.copyOfRange(data, 1, data.length);
        int kind = Math.floorMod(data[0], 3);
        String whole = read(kind, new ArrayInput(bytes));
        String chopped = read(kind, new ChoppedInput(bytes, () -> 5));
        if (!whole.equals(chopped)) {
            throw new AssertionError(whole + " is " + chopped + " when it comes in pieces");
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
                    case 0 -> {
                        hash = 31 * hash + Arrays.deepHashCode(commands.next());
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
