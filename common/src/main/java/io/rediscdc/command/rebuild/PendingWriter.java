package io.rediscdc.command.rebuild;

import io.rediscdc.format.rdb.value.StreamId;
import java.util.ArrayList;
import java.util.List;

/**
 * Gives a consumer its pending entries by XCLAIM: one command for neighbours that were delivered at the same time equally
 * often, as those of one XREADGROUP are.
 */
final class PendingWriter {

    private static final byte[] XADD = Arguments.of("XADD");
    private static final byte[] XTRIM = Arguments.of("XTRIM");
    private static final byte[] XSETID = Arguments.of("XSETID");
    private static final byte[] XCLAIM = Arguments.of("XCLAIM");
    private static final byte[] TIME = Arguments.of("TIME");
    private static final byte[] RETRYCOUNT = Arguments.of("RETRYCOUNT");
    private static final byte[] FORCE = Arguments.of("FORCE");
    private static final byte[] JUSTID = Arguments.of("JUSTID");
    private static final byte[] MAXLEN = Arguments.of("MAXLEN");
    private static final byte[] NO_ID = Arguments.of(StreamId.ZERO);
    private static final byte[] ZERO = Arguments.of("0");
    private static final byte[] EMPTY = {};

    private final byte[] key;
    private final int most;
    private final RebuildOutput to;
    private final boolean placeholders;

    private byte[] group;
    private byte[] consumer;
    private final List<byte[]> ids = new ArrayList<>();
    private long deliveredMs;
    private long deliveries;

    /** @param placeholders whether the stream is empty and ids need entries in it while they are claimed */
    PendingWriter(byte[] key, RebuildLimits limits, RebuildOutput to, boolean placeholders) {
        this.key = key;
        this.most = limits.commandElements();
        this.to = to;
        this.placeholders = placeholders;
    }

    void begin(byte[] newGroup, byte[] newConsumer) {
        flush();
        group = newGroup;
        consumer = newConsumer;
    }

    void add(StreamId id, long newDeliveredMs, long newDeliveries) {
        if (ids.size() == most || newDeliveredMs != deliveredMs || newDeliveries != deliveries) {
            flush();
        }
        deliveredMs = newDeliveredMs;
        deliveries = newDeliveries;
        ids.add(Arguments.of(id));
    }

    void flush() {
        if (ids.isEmpty()) {
            return;
        }
        if (placeholders) {
            ids.forEach(id -> to.command(new byte[][] {XADD, key, id, EMPTY, EMPTY}));
        }
        claim();
        if (placeholders) {
            to.command(new byte[][] {XTRIM, key, MAXLEN, ZERO});
            to.command(new byte[][] {XSETID, key, NO_ID});
        }
        ids.clear();
    }

    private void claim() {
        int head = 5;
        byte[][] args = new byte[head + ids.size() + 6][];
        args[0] = XCLAIM;
        args[1] = key;
        args[2] = group;
        args[3] = consumer;
        args[4] = ZERO;
        for (int i = 0; i < ids.size(); i++) {
            args[head + i] = ids.get(i);
        }
        int tail = head + ids.size();
        args[tail] = TIME;
        args[tail + 1] = Arguments.of(deliveredMs);
        args[tail + 2] = RETRYCOUNT;
        args[tail + 3] = Arguments.of(deliveries);
        args[tail + 4] = FORCE;
        args[tail + 5] = JUSTID;
        to.command(args);
    }
}
