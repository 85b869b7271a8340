package io.rediscdc.command;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.nio.charset.StandardCharsets;

/**
 * When the keys of a command are to expire, as the command says it: EXPIRE and its relatives, GETEX, SET and MSETEX with
 * an option for it, SETEX, PSETEX, RESTORE. (Fields of hashes expire by other commands.) Redis 7 replicates all of them
 * with absolute times in ms; before, most were replicated as they had come.
 */
public final class ExpireTime {

    private static final byte[] SET = ascii("SET");
    private static final byte[] PEXPIREAT = ascii("PEXPIREAT");
    private static final byte[] PXAT = ascii("PXAT");
    private static final byte[] ABSTTL = ascii("ABSTTL");

    /** How a command says it. */
    private enum Form {
        /** EXPIRE key time [condition], GETEX key option time. */
        EXPIRE,
        /** SET key value ... option time ... */
        OPTION,
        /** SETEX key time value. */
        SETEX,
        /** RESTORE key time dump [ABSTTL] ... */
        RESTORE
    }

    private final byte[][] args;
    private final Form form;
    private final int index;
    private final long value;
    private final boolean seconds;
    private final boolean relative;

    private ExpireTime(byte[][] args, Form form, int index, boolean seconds, boolean relative) {
        this.args = args;
        this.form = form;
        this.index = index;
        this.value = number(args[index]);
        this.seconds = seconds;
        this.relative = relative;
    }

    /**
     * Reads it from a command; costs little where there is none.
     *
     * @return null if the command lets no key expire
     * @throws RedisCdcException PROTOCOL if what should be a time is no number
     */
    public static ExpireTime of(byte[][] args) {
        if (args.length < 3 || args[0].length == 0) {
            return null;
        }
        return switch (Ascii.lower(args[0][0])) {
            case 's' -> ofSet(args);
            case 'e', 'p' -> ofExpire(args);
            case 'g' -> is(args[0], "getex") ? option(args, 2, Form.EXPIRE) : null;
            case 'm' -> is(args[0], "msetex") ? option(args, 2 + 2 * Ascii.count(args[1]), Form.OPTION) : null;
            case 'r' -> is(args[0], "restore") || is(args[0], "restore-asking") ? restore(args) : null;
            default -> null;
        };
    }

    /** Whether it counts from when the command is executed. */
    public boolean isRelative() {
        return relative;
    }

    /** Whether the command needs a key that is there: what it makes expire is all it changes. */
    public boolean isRenewal() {
        return form == Form.EXPIRE;
    }

    /** When the keys expire, ms since 1970. */
    public long atMs(long nowMs) {
        long ms = seconds ? saturatedMs(value) : value;
        return relative ? nowMs + Math.min(ms, Long.MAX_VALUE - nowMs) : ms;
    }

    /**
     * The command with another time, absolute in ms, and without the conditions of an EXPIRE: a command that was replicated
     * has met them.
     */
    public byte[][] withAtMs(long atMs) {
        byte[] time = ascii(Long.toString(atMs));
        return switch (form) {
            case EXPIRE -> new byte[][] {PEXPIREAT, args[1], time};
            case SETEX -> new byte[][] {SET, args[1], args[3], PXAT, time};
            case OPTION -> {
                byte[][] copy = args.clone();
                copy[index - 1] = PXAT;
                copy[index] = time;
                yield copy;
            }
            case RESTORE -> {
                byte[][] copy = relative ? new byte[args.length + 1][] : new byte[args.length][];
                System.arraycopy(args, 0, copy, 0, args.length);
                copy[index] = time;
                if (relative) {
                    copy[args.length] = ABSTTL;
                }
                yield copy;
            }
        };
    }

    /**
     * The same without a time, for a server that takes a SET without one only (before Redis 6.2).
     *
     * @return null for a command that has to have one
     */
    public byte[][] withoutTime() {
        return switch (form) {
            case EXPIRE, RESTORE -> null;
            case SETEX -> new byte[][] {SET, args[1], args[3]};
            case OPTION -> {
                byte[][] copy = new byte[args.length - 2][];
                System.arraycopy(args, 0, copy, 0, index - 1);
                System.arraycopy(args, index + 1, copy, index - 1, args.length - index - 1);
                yield copy;
            }
        };
    }

    private static ExpireTime ofSet(byte[][] args) {
        if (args.length > 4 && is(args[0], "set")) {
            return option(args, 3, Form.OPTION);
        }
        if (args.length == 4 && is(args[0], "setex")) {
            return new ExpireTime(args, Form.SETEX, 2, true, true);
        }
        return null;
    }

    private static ExpireTime ofExpire(byte[][] args) {
        byte[] name = args[0];
        if (is(name, "pexpireat")) {
            return new ExpireTime(args, Form.EXPIRE, 2, false, false);
        }
        if (is(name, "pexpire")) {
            return new ExpireTime(args, Form.EXPIRE, 2, false, true);
        }
        if (is(name, "expireat")) {
            return new ExpireTime(args, Form.EXPIRE, 2, true, false);
        }
        if (is(name, "expire")) {
            return new ExpireTime(args, Form.EXPIRE, 2, true, true);
        }
        if (args.length == 4 && is(name, "psetex")) {
            return new ExpireTime(args, Form.SETEX, 2, false, true);
        }
        return null;
    }

    private static ExpireTime option(byte[][] args, int first, Form form) {
        for (int i = first; i + 1 < args.length; i++) {
            byte[] option = args[i];
            if (is(option, "pxat")) {
                return new ExpireTime(args, form, i + 1, false, false);
            } else if (is(option, "px")) {
                return new ExpireTime(args, form, i + 1, false, true);
            } else if (is(option, "exat")) {
                return new ExpireTime(args, form, i + 1, true, false);
            } else if (is(option, "ex")) {
                return new ExpireTime(args, form, i + 1, true, true);
            }
        }
        return null;
    }

    private static ExpireTime restore(byte[][] args) {
        boolean absolute = false;
        for (int i = 4; i < args.length; i++) {
            absolute |= is(args[i], "absttl");
        }
        ExpireTime time = new ExpireTime(args, Form.RESTORE, 2, false, !absolute);
        return time.value == 0 ? null : time;
    }

    private static long number(byte[] arg) {
        try {
            return Long.parseLong(new String(arg, StandardCharsets.US_ASCII));
        } catch (NumberFormatException e) {
            throw new RedisCdcException(
                    Category.PROTOCOL, "a command whose expire time, of " + arg.length + " bytes, is no number", e);
        }
    }

    private static long saturatedMs(long seconds) {
        return seconds > Long.MAX_VALUE / 1000 ? Long.MAX_VALUE : seconds * 1000;
    }

    private static boolean is(byte[] arg, String lowerCase) {
        return Ascii.equalsIgnoreCase(arg, lowerCase);
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
