package io.rediscdc.command;

import java.nio.charset.StandardCharsets;
import java.util.Locale;

/**
 * Commands of streams for a target that gives its entries ids of its own: an entry is added under the next one, and what
 * says an id of the source, or concerns groups, which stand at ids, has no meaning there.
 */
public final class NewStreamIds {

    private static final byte[] NEXT = {'*'};

    /** Index of the first argument after the key. */
    private static final int OPTIONS = 2;

    private NewStreamIds() {}

    /**
     * What to execute in place of a command.
     *
     * @return the command itself if it says nothing of ids; null for nothing
     */
    public static byte[][] of(byte[][] args) {
        if (args.length <= OPTIONS || args[0].length == 0 || Ascii.lower(args[0][0]) != 'x') {
            return args;
        }
        return switch (upper(args[0])) {
            case "XADD" -> add(args);
            case "XTRIM" -> upper(args[OPTIONS]).equals("MINID") ? null : args;
            case "XACK", "XACKDEL", "XAUTOCLAIM", "XCLAIM", "XDEL", "XDELEX", "XGROUP", "XREADGROUP", "XSETID" -> null;
            default -> args;
        };
    }

    /**
     * XADD key [NOMKSTREAM] [KEEPREF | DELREF | ACKED] [IDMPAUTO pid | IDMP pid iid] [MAXLEN | MINID [= | ~] threshold [LIMIT
     * count]] id field value ..., the options in any order.
     */
    private static byte[][] add(byte[][] args) {
        int at = OPTIONS;
        int trimFrom = 0;
        int trimTo = 0;
        boolean isOption = true;
        while (isOption && at < args.length) {
            switch (upper(args[at])) {
                case "NOMKSTREAM", "KEEPREF", "DELREF", "ACKED" -> at++;
                case "IDMPAUTO" -> at += 2;
                case "IDMP" -> at += 3;
                case "MAXLEN" -> at = endOfTrimming(args, at);
                case "MINID" -> {
                    trimFrom = at;
                    at = endOfTrimming(args, at);
                    trimTo = at;
                }
                default -> isOption = false;
            }
        }
        if (at >= args.length) {
            return args; // the target will say what is wrong
        }
        byte[][] added = new byte[args.length - (trimTo - trimFrom)][];
        int to = 0;
        for (int i = 0; i < args.length; i++) {
            if (i < trimFrom || i >= trimTo) {
                added[to++] = i == at ? NEXT : args[i];
            }
        }
        return added;
    }

    private static int endOfTrimming(byte[][] args, int start) {
        int at = start + 1;
        if (at < args.length && args[at].length == 1 && (args[at][0] == '=' || args[at][0] == '~')) {
            at++;
        }
        at++;
        return at + 1 < args.length && upper(args[at]).equals("LIMIT") ? at + 2 : at;
    }

    private static String upper(byte[] arg) {
        // No option is longer, while an entry's first value may be of any length.
        return new String(arg, 0, Math.min(arg.length, 16), StandardCharsets.US_ASCII).toUpperCase(Locale.ROOT);
    }
}
