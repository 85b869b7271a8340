package io.rediscdc.standalone;

import io.rediscdc.standalone.compare.ComparisonResult;
import io.rediscdc.standalone.redis.RedisUri;
import io.rediscdc.standalone.replicate.Progress;
import io.rediscdc.standalone.replicate.UsageException;

/** What the commands have in common: results go to standard output, progress and errors to standard error. */
final class Console {

    /** Set by bin/redis-cdc: width of the terminal that standard error is, 0 if it is none. */
    private static final String COLUMNS = "redis.cdc.columns";

    private Console() {}

    static Progress progress() {
        return Progress.to(System.err, Integer.getInteger(COLUMNS, 0));
    }

    static void print(String line) {
        System.out.println(line);
    }

    static void print(ComparisonResult result) {
        print("Comparison: " + result.summary());
        result.examples().forEach(difference -> print("  " + difference));
    }

    /** Says it, and returns the exit code. */
    static int error(String message, int exitCode) {
        message.lines().forEach(line -> System.err.println("redis-cdc: " + line));
        return exitCode;
    }

    static RedisUri uri(String argument, String text) {
        try {
            return RedisUri.parse(text);
        } catch (IllegalArgumentException e) {
            throw new UsageException(argument + ": " + e.getMessage(), e);
        }
    }
}
