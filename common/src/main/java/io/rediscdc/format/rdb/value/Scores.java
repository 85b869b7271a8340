package io.rediscdc.format.rdb.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.rediscdc.format.rdb.RdbInput;

/** Scores of sorted sets as text, which strtod() reads at the server. */
final class Scores {

    /** Longer than what any server writes ("%.17g", or with %f a little more). */
    private static final int MOST_CHARACTERS = 400;

    private static final int MOST_DIGITS_OF_INT = 9;

    private Scores() {}

    static double parse(byte[] bytes, int from, int length, RdbInput errors) {
        if (length == 0 || length > MOST_CHARACTERS) {
            throw errors.corrupt("a score of " + length + " characters");
        }
        if (length <= MOST_DIGITS_OF_INT) {
            int number = 0;
            int i = from;
            while (i < from + length && bytes[i] >= '0' && bytes[i] <= '9') {
                number = number * 10 + bytes[i++] - '0';
            }
            if (i == from + length) {
                return number;
            }
        }
        String text = new String(bytes, from, length, ISO_8859_1);
        switch (text) {
            case "inf", "+inf" -> {
                return Double.POSITIVE_INFINITY;
            }
            case "-inf" -> {
                return Double.NEGATIVE_INFINITY;
            }
            case "nan", "-nan" -> {
                return Double.NaN;
            }
            default -> {
                return finite(text, errors);
            }
        }
    }

    /** Java would take more than strtod() does: "1d", "NaN", hexadecimal, spaces. */
    private static double finite(String text, RdbInput errors) {
        for (int i = 0; i < text.length(); i++) {
            if ("0123456789+-.eE".indexOf(text.charAt(i)) < 0) {
                throw errors.corrupt("a score that is no number");
            }
        }
        try {
            return Double.parseDouble(text);
        } catch (NumberFormatException e) {
            throw errors.corrupt("a score that is no number");
        }
    }
}
