package io.rediscdc.sink;

import io.rediscdc.command.CommandTable;
import io.rediscdc.command.ExpireTime;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.CommandScanner;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.model.Change;
import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.Command;
import io.rediscdc.model.Op;
import io.rediscdc.sink.expiry.Expiry;
import io.rediscdc.sink.expiry.Lift;
import io.rediscdc.sink.target.TargetFacts;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.stream.IntStream;

/**
 * A command too large to be held, as it is to be sent: piece by piece, with its name and expire time as the target needs
 * them. Only its first arguments are remembered, and those that can say when it expires, which are the last. Not
 * thread-safe.
 */
final class StreamedCommand implements CommandScanner.Visitor {

    private static final int HEAD_ARGS = 16;
    private static final int HEAD_BYTES = 1 << 20;
    private static final int OPTION_BYTES = 1 << 16;
    private static final int MOST_KNOWN_ARGS = 1 << 20;
    private static final int CAPACITY = 1 << 16;
    private static final byte[] UNKNOWN = {};
    private static final byte[] PX = ascii("PX");

    /** An expire time, absolute or relative, that does not come before the one which follows it. */
    private static final byte[] LATER = ascii(Long.toString(Lift.up(0)));

    private final ChangeKey named;
    private final TargetFacts target;
    private final CommandScanner scanner = new CommandScanner(this);
    private final RespBuffer out = new RespBuffer(CAPACITY);

    private int count;

    /** As many as there are, if they are not too many; {@link #UNKNOWN} for those that are not remembered. */
    private byte[][] args = {};

    private String name = "";
    private int firstOption = Integer.MAX_VALUE;
    private int remembered;

    /** The argument being read if it is remembered, else null. */
    private byte[] arg;

    private int argBytes;

    /**
     * @param named the key that its pieces have
     * @param target where it is sent
     */
    StreamedCommand(ChangeKey named, TargetFacts target) {
        this.named = named;
        this.target = target;
    }

    /**
     * What to send for the next piece.
     *
     * @throws RedisCdcException PROTOCOL if it is none of a command
     */
    byte[] translate(byte[] piece) {
        out.clear();
        scanner.scan(piece);
        return out.toByteArray();
    }

    /**
     * What to send after the last piece.
     *
     * @throws RedisCdcException PROTOCOL if it was not the last one
     */
    Ending end(Change change, Expiry expiry) {
        if (!scanner.isOver()) {
            throw new RedisCdcException(Category.PROTOCOL, "it is longer than its pieces");
        }
        out.clear();
        ExpireTime time = change.op() == Op.COMMAND && count <= MOST_KNOWN_ARGS ? ExpireTime.of(args) : null;
        if (time == null) {
            options(args);
            return new Ending(out.toByteArray(), null);
        }
        long atMs = expiry.atTarget(change.key(), time.atMs(expiry.executedMs(change)));
        if (firstOption > count) {
            return new Ending(out.toByteArray(), atMs);
        }
        byte[][] timed = time.withAtMs(atMs);
        if (!target.hasSetPxat()) {
            withoutPxat(timed);
        }
        options(timed);
        return new Ending(out.toByteArray(), target.hasSetPxat() ? null : atMs);
    }

    /**
     * The end of a command.
     *
     * @param bytes to send
     * @param expireAtMs when its key is to expire, if that has to be said in addition; else null
     */
    record Ending(byte[] bytes, Long expireAtMs) {}

    private void options(byte[][] from) {
        for (int i = firstOption; i < count; i++) {
            out.arg(from[i]);
        }
    }

    private static void withoutPxat(byte[][] timed) {
        for (int i = 3; i + 1 < timed.length; i++) {
            if (new String(timed[i], StandardCharsets.US_ASCII).equals("PXAT")) {
                timed[i] = PX;
                timed[i + 1] = LATER;
            }
        }
    }

    /**
     * What is known of it as a change of that piece.
     *
     * @throws RedisCdcException UNSUPPORTED if its key is not
     */
    Change at(Change piece) {
        int[] all =
                name.isEmpty() ? new int[0] : CommandTable.standard().spec(args).keysOfHead(args);
        int[] known = IntStream.of(all).filter(this::isKnown).toArray();
        if (name.isEmpty() || (all.length > 0 && !isKnown(all[0]))) {
            throw new RedisCdcException(
                    Category.UNSUPPORTED,
                    "a command larger than transaction.max.bytes whose key is not in its first piece; raise that, and the"
                            + " worker's heap");
        }
        ChangeKey key = known.length == 0 ? named : new ChangeKey(named.db(), args[known[0]]);
        return Change.executable(key, piece.op(), piece.stamp(), new Command(args, known, null));
    }

    /** Whether all its keys are known that have to be asked for where it is not executed. */
    boolean hasAllKeys() {
        return IntStream.of(CommandTable.standard().spec(args).keysOfHead(args)).allMatch(this::isKnown);
    }

    private boolean isKnown(int index) {
        return args[index] != UNKNOWN;
    }

    @Override
    public void command(int newCount) {
        count = newCount;
        args = new byte[count <= MOST_KNOWN_ARGS ? count : MOST_KNOWN_ARGS + (count & 1)][];
        Arrays.fill(args, UNKNOWN);
    }

    @Override
    public void arg(int index, long length) {
        boolean isOption = index >= firstOption;
        if (isOption || (index < HEAD_ARGS && remembered + length <= HEAD_BYTES)) {
            remembered += (int) Math.min(length, HEAD_BYTES);
            if (isOption && (length > OPTION_BYTES || index >= args.length)) {
                throw new RedisCdcException(Category.PROTOCOL, "an option of " + length + " bytes");
            }
            arg = new byte[(int) length];
            argBytes = 0;
        } else if (index == 0) {
            throw new RedisCdcException(Category.PROTOCOL, "a name of " + length + " bytes");
        } else {
            out.beginArg(length);
        }
    }

    @Override
    public void bytes(byte[] from, int offset, int length) {
        if (arg == null) {
            out.encoded(from, offset, length);
        } else {
            System.arraycopy(from, offset, arg, argBytes, length);
            argBytes += length;
        }
    }

    @Override
    public void end(int index) {
        if (arg == null) {
            out.endArg();
            return;
        }
        args[index] = arg;
        if (index == 0) {
            named(arg);
        } else if (index < firstOption) {
            out.arg(isRestore() && index == 2 && !isZero(arg) ? LATER : arg);
        }
        if (index == 1 && name.equals("msetex")) {
            firstOption = firstOptionOfMsetex(arg);
        }
        arg = null;
    }

    private void named(byte[] given) {
        if (given.length == 0) {
            throw new RedisCdcException(Category.PROTOCOL, "a command without a name");
        }
        name = CommandTable.standard().spec(args).name();
        if (name.equals("set")) {
            firstOption = 3;
        }
        out.begin(count);
        out.arg(ChangeEncoder.name(given, count, target));
    }

    private boolean isRestore() {
        return name.equals("restore") || name.equals("restore-asking");
    }

    private static boolean isZero(byte[] ttl) {
        return ttl.length == 1 && ttl[0] == '0';
    }

    /** MSETEX numkeys key value [key value ...] [options]. */
    private static int firstOptionOfMsetex(byte[] numkeys) {
        try {
            return 2 + Math.multiplyExact(2, Integer.parseInt(new String(numkeys, StandardCharsets.US_ASCII)));
        } catch (NumberFormatException | ArithmeticException e) {
            throw new RedisCdcException(Category.PROTOCOL, "MSETEX without the number of its keys", e);
        }
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
