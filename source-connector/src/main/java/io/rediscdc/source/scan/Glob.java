package io.rediscdc.source.scan;

import java.nio.charset.StandardCharsets;

/** A pattern of keys, as SCAN MATCH has it (util.c, stringmatchlen): {@code * ? [abc] [^a-c]} and backslash. */
final class Glob {

    private final byte[] pattern;

    Glob(String pattern) {
        this.pattern = pattern.getBytes(StandardCharsets.UTF_8);
    }

    boolean matches(byte[] text) {
        int p = 0;
        int t = 0;
        // Where to come back to: behind the last star, and to what it is to swallow one byte more of.
        int star = -1;
        int swallowed = 0;
        while (t < text.length) {
            int next = p < pattern.length && pattern[p] != '*' ? one(p, text[t]) : -1;
            if (next >= 0) {
                p = next;
                t++;
            } else if (p < pattern.length && pattern[p] == '*') {
                star = ++p;
                swallowed = t;
            } else if (star >= 0) {
                p = star;
                t = ++swallowed;
            } else {
                return false;
            }
        }
        while (p < pattern.length && pattern[p] == '*') {
            p++;
        }
        return p == pattern.length;
    }

    /** Where the pattern goes on behind what stands for this byte; -1 if it does not. */
    private int one(int at, byte b) {
        return switch (pattern[at]) {
            case '?' -> at + 1;
            case '[' -> group(at + 1, b);
            case '\\' -> {
                int literal = at + 1 < pattern.length ? at + 1 : at;
                yield pattern[literal] == b ? literal + 1 : -1;
            }
            default -> pattern[at] == b ? at + 1 : -1;
        };
    }

    private int group(int from, byte b) {
        int at = from;
        boolean not = at < pattern.length && pattern[at] == '^';
        if (not) {
            at++;
        }
        boolean found = false;
        while (at < pattern.length && pattern[at] != ']') {
            if (pattern[at] == '\\' && at + 1 < pattern.length) {
                at++;
                found |= pattern[at] == b;
            } else if (at + 2 < pattern.length && pattern[at + 1] == '-') {
                int low = Math.min(pattern[at] & 0xff, pattern[at + 2] & 0xff);
                int high = Math.max(pattern[at] & 0xff, pattern[at + 2] & 0xff);
                found |= (b & 0xff) >= low && (b & 0xff) <= high;
                at += 2;
            } else {
                found |= pattern[at] == b;
            }
            at++;
        }
        // Without its end, a group ends with the pattern.
        return found == not ? -1 : Math.min(at + 1, pattern.length);
    }
}
