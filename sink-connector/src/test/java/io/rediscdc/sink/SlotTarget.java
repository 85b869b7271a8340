package io.rediscdc.sink;

import java.io.IOException;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Random;

/** What the history of {@link MovingSlots} is applied to. */
interface SlotTarget extends AutoCloseable {

    /** Of a sink's task that has just been given the partition. */
    HistoryWriter writer(SlotFollower follower);

    void clear();

    /** Something happens to it. */
    void happen(Random random) throws InterruptedException;

    /** What is going on there ends, and nothing happens any more. */
    void settle() throws InterruptedException;

    /** Whether there is a key that waits for its repair. */
    boolean owes();

    /** As {@link MovingSlots#contents} has them. */
    List<String> contents();

    @Override
    void close() throws IOException;

    /** A sink's that asks for keys, with one more option. */
    static SinkConfig config(String option, String value) {
        Map<String, String> props = new HashMap<>();
        props.put("name", "test");
        props.put("repair.bootstrap.servers", "not.asked:9092");
        props.put(option, value);
        return new SinkConfig(props);
    }
}
