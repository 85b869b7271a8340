package io.rediscdc.sink.target;

import java.util.List;
import java.util.Map;
import java.util.Set;

/** Reads what a server says when it refuses something. */
public final class TargetError {

    private static final int MAX_LENGTH = 120;

    /** What passes without anybody touching the history: memory is freed, a failover ends, a script finishes. */
    private static final Set<String> PASSING = Set.of(
            "OOM",
            "LOADING",
            "BUSY",
            "READONLY",
            "MASTERDOWN",
            "CLUSTERDOWN",
            "TRYAGAIN",
            "MOVED",
            "ASK",
            "NOREPLICAS",
            "MISCONF");

    private static final String UNKNOWN_COMMAND = "ERR unknown command";

    private static final String UNKNOWN_IN_SCRIPT = "ERR Unknown Redis command called from script";

    private static final List<String> UNSUPPORTED = List.of(
            UNKNOWN_COMMAND,
            UNKNOWN_IN_SCRIPT,
            "ERR Wrong number of args calling Redis command from script",
            "ERR unknown subcommand",
            "ERR Unknown subcommand",
            "ERR wrong number of arguments",
            "ERR syntax error",
            "ERR DUMP payload version",
            "ERR Bad data format");

    private static final String NO_FLOAT = "ERR value is not a valid float";

    /**
     * What servers say that take an option they do not know (GT, NOMKSTREAM) for what follows the key without it. What the
     * key holds cannot be the reason, as it is with INCRBYFLOAT.
     */
    private static final Map<String, String> MISREAD =
            Map.of("zadd", NO_FLOAT, "geoadd", NO_FLOAT, "xadd", "ERR Invalid stream ID specified");

    private static final String REASON = "because of: ";

    private TargetError() {}

    /** The first word of the error, that of the reason for an EXECABORT that gives one. */
    public static String code(String error) {
        String reason = reason(error);
        int end = reason.indexOf(' ');
        return end < 0 ? reason : reason.substring(0, end);
    }

    /** Whether the same can succeed later. */
    public static boolean isPassing(String error) {
        return PASSING.contains(code(error));
    }

    /**
     * Whether the target is too old, or another one, for what it was sent: it does not know the command, one of its
     * arguments, or what the payload holds.
     */
    public static boolean isUnsupported(String error) {
        return UNSUPPORTED.stream().anyMatch(error::startsWith);
    }

    /**
     * The same, of a command that the source executed.
     *
     * @param command its name in lower case
     */
    public static boolean isUnsupported(String error, String command) {
        String misread = MISREAD.get(command);
        return isUnsupported(error) || (misread != null && error.startsWith(misread));
    }

    /** Whether it does not know the command at all. */
    public static boolean isUnknownCommand(String error) {
        return error.startsWith(UNKNOWN_COMMAND) || error.startsWith(UNKNOWN_IN_SCRIPT);
    }

    /** Whether it is what EXEC says when a command before it was refused. */
    public static boolean isAbort(String error) {
        return error.startsWith("EXECABORT");
    }

    /**
     * The error cut to what may stand in a log: its beginning, without the arguments that Redis quotes of a command it
     * does not know. (A script's error says what the script likes.)
     */
    public static String brief(String error) {
        String reason = reason(error);
        int end = Math.min(reason.length(), MAX_LENGTH);
        int args = reason.indexOf(", with args beginning with");
        if (args >= 0) {
            end = Math.min(end, args);
        }
        StringBuilder brief = new StringBuilder(end);
        for (int i = 0; i < end; i++) {
            char c = reason.charAt(i);
            brief.append(c < ' ' || c == 0x7f ? '?' : c);
        }
        return brief.toString();
    }

    private static String reason(String error) {
        int at = error.startsWith("EXECABORT") ? error.indexOf(REASON) : -1;
        return at < 0 ? error : error.substring(at + REASON.length());
    }
}
