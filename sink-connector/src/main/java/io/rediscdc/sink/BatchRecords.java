package io.rediscdc.sink;

import io.rediscdc.model.Change;
import io.rediscdc.slot.SlotRanges;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.List;
import java.util.stream.Stream;

/** The records of a batch, and which of its commands are whose. Command 0 is none's. Not thread-safe. */
final class BatchRecords {

    private final List<Delivery> deliveries = new ArrayList<>();

    /** Number of commands after each delivery. */
    private int[] ends = new int[256];

    /** Numbers of commands that the target answers with 0 only if their key is not as the history has it. */
    private int[] telling = new int[16];

    private int tellingCount;

    void clear() {
        deliveries.clear();
        tellingCount = 0;
    }

    boolean isEmpty() {
        return deliveries.isEmpty();
    }

    int size() {
        return deliveries.size();
    }

    /** All of them, unmodified. */
    List<Delivery> all() {
        return deliveries;
    }

    /** @param end number of commands so far */
    void add(Delivery delivery, int end) {
        int n = deliveries.size();
        if (n == ends.length) {
            ends = Arrays.copyOf(ends, 2 * n);
        }
        ends[n] = end;
        deliveries.add(delivery);
    }

    /** A command tells by answering 0 that its key is not as the history has it. */
    void addTelling(int command) {
        if (tellingCount == telling.length) {
            telling = Arrays.copyOf(telling, 2 * tellingCount);
        }
        telling[tellingCount++] = command;
    }

    Stream<Change> changes() {
        return deliveries.stream().map(Delivery::change);
    }

    Delivery last() {
        return deliveries.get(deliveries.size() - 1);
    }

    /** The first of them, if all are one record or one transaction, else null. */
    Delivery indivisible() {
        Delivery first = deliveries.get(0);
        return deliveries.size() == 1 || areOfOneTransaction(first, last()) ? first : null;
    }

    private static boolean areOfOneTransaction(Delivery first, Delivery last) {
        return isOfTransaction(first)
                && isOfTransaction(last)
                && transaction(first) == transaction(last)
                && shard(first).equals(shard(last));
    }

    /** The commands that tell, ascending. */
    int[] tellingCommands() {
        return Arrays.copyOf(telling, tellingCount);
    }

    /** The records that have a command that tells. */
    Stream<Delivery> telling() {
        return Arrays.stream(telling, 0, tellingCount).mapToObj(this::of);
    }

    /** The record of a command that tells, by its place among those. */
    Delivery telling(int place) {
        return of(telling[place]);
    }

    /** The record of a command, null for one that is ours. */
    Delivery of(int command) {
        int after = Arrays.binarySearch(ends, 0, deliveries.size(), command + 1);
        int at = after < 0 ? -after - 1 : first(after);
        return command == 0 || at == deliveries.size() ? null : deliveries.get(at);
    }

    /** Records without commands end where the one before does: the first to end there has the command. */
    private int first(int found) {
        int at = found;
        while (at > 0 && ends[at - 1] == ends[at]) {
            at--;
        }
        return at;
    }

    /**
     * The commands of the records that are for some slots.
     *
     * @return null if a record is for some of them and for others
     */
    BitSet commandsFor(SlotRanges slots) {
        BitSet numbers = new BitSet();
        for (int i = 0; i < deliveries.size(); i++) {
            Boolean isFor = SlotRouting.isFor(deliveries.get(i).change(), slots);
            if (isFor == null) {
                return null;
            }
            if (isFor) {
                numbers.set(i == 0 ? 1 : ends[i - 1], ends[i]);
            }
        }
        return numbers;
    }

    private static boolean isOfTransaction(Delivery delivery) {
        return delivery.change().command() != null
                && delivery.change().command().tx() != null;
    }

    private static String shard(Delivery delivery) {
        return delivery.change().stamp().origin().shard();
    }

    private static long transaction(Delivery member) {
        return member.change().command().tx().id();
    }
}
