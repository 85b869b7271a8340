package io.rediscdc;

import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.output.CommandOutput;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/** Takes any reply: a byte[], a Long, a Boolean, a Double, null, or a list of such. An error in a list is its text. */
final class AnyOutput extends CommandOutput<byte[], byte[], Object> {

    private final Deque<List<Object>> open = new ArrayDeque<>();

    AnyOutput() {
        super(ByteArrayCodec.INSTANCE, null);
    }

    @Override
    public void set(ByteBuffer bytes) {
        add(bytes == null ? null : codec.decodeValue(bytes));
    }

    @Override
    public void set(long integer) {
        add(integer);
    }

    @Override
    public void set(double number) {
        add(number);
    }

    @Override
    public void set(boolean value) {
        add(value);
    }

    @Override
    public void setError(ByteBuffer error) {
        if (open.isEmpty()) {
            super.setError(error);
        } else {
            add("error: " + decodeString(error));
        }
    }

    @Override
    public void multi(int count) {
        if (count < 0) {
            add(null);
            return;
        }
        List<Object> elements = new ArrayList<>();
        add(elements);
        if (count > 0) {
            open.push(elements);
        }
    }

    private void add(Object value) {
        List<Object> array = open.peek();
        if (array == null) {
            output = value;
        } else {
            array.add(value);
        }
    }

    @Override
    public void complete(int depth) {
        while (!open.isEmpty() && open.size() > depth) {
            open.pop();
        }
    }
}
