package io.rediscdc.command.rebuild;

import java.util.ArrayList;
import java.util.List;

/** Gathers elements into commands that have the same first arguments, each within the limits. */
final class CommandCollector {

    private final RebuildLimits limits;
    private final RebuildOutput to;

    private byte[][] head;
    private final List<byte[]> elements = new ArrayList<>();
    private int count;
    private long bytes;

    CommandCollector(RebuildLimits limits, RebuildOutput to) {
        this.limits = limits;
        this.to = to;
    }

    /** Begins commands with these arguments; what has been gathered goes out before. */
    void begin(byte[]... firstArguments) {
        flush();
        head = firstArguments;
    }

    boolean hasBegun() {
        return head != null;
    }

    /** Adds an element of one argument. */
    void add(byte[] element) {
        makeRoom(element.length);
        elements.add(element);
    }

    /** Adds an element of two arguments. */
    void add(byte[] first, byte[] second) {
        makeRoom((long) first.length + second.length);
        elements.add(first);
        elements.add(second);
    }

    void flush() {
        if (count > 0) {
            byte[][] args = new byte[head.length + elements.size()][];
            System.arraycopy(head, 0, args, 0, head.length);
            for (int i = 0; i < elements.size(); i++) {
                args[head.length + i] = elements.get(i);
            }
            to.command(args);
            elements.clear();
            count = 0;
            bytes = 0;
        }
    }

    private void makeRoom(long length) {
        if (count == limits.commandElements() || (count > 0 && bytes + length > limits.commandBytes())) {
            flush();
        }
        count++;
        bytes += length;
    }
}
