package io.rediscdc.standalone.replicate;

import io.rediscdc.error.RedisCdcException;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Finds in a stack trace's text what is meant for people. */
final class Traces {

    private static final Pattern FRAME = Pattern.compile("\\s+(at |\\.\\.\\. \\d+ ).*");
    private static final Pattern CLASS = Pattern.compile("(?:[\\w$]+\\.)+[\\w$]*(?:Exception|Error)(?:: )?");

    private Traces() {}

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
