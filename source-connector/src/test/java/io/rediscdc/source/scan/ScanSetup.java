package io.rediscdc.source.scan;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.slot.SlotRanges;
import io.rediscdc.source.capture.StateRequests;
import io.rediscdc.source.scan.LiveOptions.Feed;
import io.rediscdc.source.scan.ScanOptions.MemoryLimit;
import io.rediscdc.source.scan.ScanOptions.Mode;
import io.rediscdc.testing.RedisServer;
import java.util.ArrayList;
import java.util.List;

/** What a capture is to do, with defaults. */
final class ScanSetup {

    private final List<RedisAddress> nodes = new ArrayList<>();
    private Mode mode = Mode.SNAPSHOT;
    private String match;
    private String type;
    private String user;
    private boolean compacted;
    private SlotRanges slots;
    private List<Integer> databases = List.of();
    private int maxRecord = 1_000_000;
    private int threads = 2;
    private long heartbeatMs;
    private long bytesPerSecond;
    private MemoryLimit memory = new MemoryLimit(0, 5, true);
    private long keysPerSecond;
    private LiveOptions live = new LiveOptions(Feed.KEYSPACE, 20, false, 100_000, 0, false);

    ScanSetup(RedisServer server) {
        nodes.add(RedisAddress.parse(server.address()));
    }

    ScanSetup replica(RedisServer replica) {
        nodes.add(RedisAddress.parse(replica.address()));
        return this;
    }

    ScanSetup mode(Mode newMode) {
        mode = newMode;
        return this;
    }

    ScanSetup live(LiveOptions newLive) {
        live = newLive;
        return this;
    }

    ScanSetup match(String pattern) {
        match = pattern;
        return this;
    }

    ScanSetup type(String only) {
        type = only;
        return this;
    }

    ScanSetup compacted() {
        compacted = true;
        return this;
    }

    ScanSetup user(String name) {
        user = name;
        return this;
    }

    ScanSetup bytesPerSecond(long most) {
        bytesPerSecond = most;
        return this;
    }

    ScanSetup heartbeat(long ms) {
        heartbeatMs = ms;
        return this;
    }

    ScanSetup threads(int number) {
        threads = number;
        return this;
    }

    ScanSetup databases(Integer... numbers) {
        databases = List.of(numbers);
        return this;
    }

    ScanSetup maxRecord(int bytes) {
        maxRecord = bytes;
        return this;
    }

    ScanSetup memory(MemoryLimit limit) {
        memory = limit;
        return this;
    }

    ScanSetup keysPerSecond(long most) {
        keysPerSecond = most;
        return this;
    }

    ScanSetup slots(String ranges) {
        slots = SlotRanges.parse(ranges);
        return this;
    }

    /** A capture from the beginning. */
    ScanCapture capture() {
        return capture(ScanPoint.start(1));
    }

    ScanCapture capture(ScanPoint from) {
        return new ScanCapture(options(), null, from, StateRequests.NONE);
    }

    ScanOptions options() {
        return new ScanOptions(
                nodes,
                null,
                false,
                true,
                false,
                user,
                user == null ? null : "p",
                "0",
                2_000,
                5_000,
                20_000,
                maxRecord,
                heartbeatMs,
                mode,
                match,
                type,
                slots,
                200,
                databases,
                threads,
                50,
                4,
                memory,
                keysPerSecond,
                bytesPerSecond,
                live,
                compacted);
    }
}
