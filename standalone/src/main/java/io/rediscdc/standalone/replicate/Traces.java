package io.rediscdc.standalone.replicate;

import io.rediscdc.error.RedisCdcException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Finds in a stack trace's text what is meant for people. */
final class Traces {

    private static final Pattern FRAME = Pattern.compile("\\s+(at |\\.\\.\\. \\d+ ).*");
    private static final Pattern CLASS = Pattern.compile("(?:[\\w$]+\\.)+[\\w$]*(?:Exception|Error)(?:: )?");

    private static final Pattern ENTRY = Pattern.compile("\\d{4}-\\d\\d-\\d\\dT.*");
    private static final Pattern COMPLAINT = Pattern.compile("\\S+ (WARN|ERROR) .*");

    private Traces() {}

    /** The last warning or error of a worker's log: the message of its exception, or the line; null if there is none. */
    static String lastComplaint(String log) {
        String line = null;
        StringBuilder trace = new StringBuilder();
        boolean within = false;
        for (String next : log.split("\n", -1)) {
            if (ENTRY.matcher(next).matches()) {
                within = COMPLAINT.matcher(next).matches();
                if (within) {
                    line = next;
                    trace.setLength(0);
                }
            } else if (within) {
                trace.append(trace.isEmpty() ? "" : "\n").append(next);
            }
        }
        return trace.toString().isBlank() ? line : message(trace.toString());
    }

    /** The message of our own deepest exception, else that of the deepest that has one, without class names. */
    static String message(String trace) {
        List<String> messages = new ArrayList<>();
        String ours = null;
        StringBuilder current = new StringBuilder();
        boolean isOurs = false;
        for (String line : (trace + "\n\tat end").split("\n", -1)) {
            boolean cause = line.startsWith("Caused by: ");
            if (cause || FRAME.matcher(line).matches()) {
                String message =
                        CLASS.matcher(current.toString()).replaceFirst("").strip();
                if (!message.isEmpty()) {
                    messages.add(message);
                    ours = isOurs ? message : ours;
                }
                current.setLength(0);
                isOurs = false;
            }
            if (!FRAME.matcher(line).matches()) {
                String text = cause ? line.substring("Caused by: ".length()) : line;
                isOurs = isOurs || text.startsWith(RedisCdcException.class.getName());
                current.append(current.isEmpty() ? "" : "\n").append(text);
            }
        }
        if (ours != null) {
            return ours;
        }
        return messages.isEmpty() ? trace.strip() : messages.get(messages.size() - 1);
    }
}
