package io.rediscdc.sink;

import static org.assertj.core.api.Assertions.assertThat;

import io.lettuce.core.api.sync.RedisCommands;

/** A sink that another one replaces after each record, without being told to stop. */
final class RestartedSink {

    private final SinkRun run;
    private final Feed feed;
    private final RedisCommands<String, String> redis;

    /** @param run not started yet */
    RestartedSink(SinkRun run, Feed feed, RedisCommands<String, String> redis) {
        this.run = run;
        this.feed = feed;
        this.redis = redis;
    }

    /** A command in pieces is read from its first one again and again, and is executed once, with the last one. */
    void appliesWholeCommands(String text) {
        feed.command("SET", "string", "begin:");
        long before = feed.end();
        feed.pieces(400, "APPEND", "string", text);
        long after = feed.end();
        feed.command("APPEND", "string", ":end");
        run.start();
        for (long i = before; i < feed.end(); i++) {
            long from = Math.max(0, run.position());
            run.put(feed.from(from).subList(0, (int) (i + 1 - from)));
            RedisSinkTask old = run.abandon();
            run.start();
            old.stop();
            boolean whole = i >= after - 1;
            if (!whole) {
                assertThat(run.position()).isEqualTo(before);
            }
            assertThat(redis.get("string")).startsWith(whole ? "begin:" + text : "begin:");
            assertThat(redis.strlen("string") > 6).isEqualTo(whole);
        }
        run.replicate(feed);
        assertThat(redis.get("string")).isEqualTo("begin:" + text + ":end");
    }
}
