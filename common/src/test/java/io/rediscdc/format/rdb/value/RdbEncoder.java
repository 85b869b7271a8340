package io.rediscdc.format.rdb.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.Random;

/**
 * Writes what RDB is made of: lengths and strings in all forms there are for them, by chance, also those that a server would
 * choose only for others.
 */
public final class RdbEncoder {

    private final ByteArrayOutputStream out = new ByteArrayOutputStream();
    private final Random random;

    public RdbEncoder(Random random) {
        this.random = random;
    }

    public byte[] bytes() {
        return out.toByteArray();
    }

    public RdbEncoder length(long length) {
        int form = random.nextInt(10);
        if (length >= 0 && length < 1 << 6 && form > 2) {
            out.write((int) length);
        } else if (length >= 0 && length < 1 << 14 && form > 1) {
            out.write(0x40 | (int) length >> 8);
            out.write((int) length & 0xff);
        } else if (length >= 0 && length < 1L << 32 && form > 0) {
            out.write(0x80);
            bigEndian(length, 4);
        } else {
            out.write(0x81);
            bigEndian(length, 8);
        }
        return this;
    }

    public RdbEncoder string(byte[] bytes) {
        Long number = number(bytes);
        if (number != null && number == number.intValue() && random.nextInt(4) > 0) {
            integer(number.intValue());
        } else if (bytes.length > 4 && random.nextBoolean()) {
            byte[] compressed = LzfEncoder.compress(bytes);
            out.write(0xc3);
            length(compressed.length).length(bytes.length);
            out.writeBytes(compressed);
        } else {
            length(bytes.length);
            out.writeBytes(bytes);
        }
        return this;
    }

    public RdbEncoder littleEndian(long number, int bytes) {
        for (int i = 0; i < bytes; i++) {
            out.write((int) (number >>> (8 * i)));
        }
        return this;
    }

    public RdbEncoder bigEndian(long number, int bytes) {
        for (int i = bytes - 1; i >= 0; i--) {
            out.write((int) (number >>> (8 * i)));
        }
        return this;
    }

    /** As sorted sets of old have them: a length and digits. */
    public RdbEncoder textScore(double score) {
        if (Double.isNaN(score)) {
            out.write(253);
        } else if (Double.isInfinite(score)) {
            out.write(score > 0 ? 254 : 255);
        } else {
            byte[] text = scoreText(score);
            out.write(text.length);
            out.writeBytes(text);
        }
        return this;
    }

    public RdbEncoder id(StreamId id) {
        return length(id.ms()).length(id.seq());
    }

    public RdbEncoder rawId(StreamId id) {
        return bigEndian(id.ms(), 8).bigEndian(id.seq(), 8);
    }

    static byte[] rawIdBytes(StreamId id) {
        return ByteBuffer.allocate(16).putLong(id.ms()).putLong(id.seq()).array();
    }

    static byte[] scoreText(double score) {
        boolean isWhole = score == (long) score && (score != 0 || 1 / score > 0);
        return (isWhole ? Long.toString((long) score) : Double.toString(score)).getBytes(ISO_8859_1);
    }

    /** The number that a server would store instead of the text; null if it is none. */
    static Long number(byte[] bytes) {
        if (bytes.length == 0 || bytes.length > 20) {
            return null;
        }
        String text = new String(bytes, ISO_8859_1);
        try {
            long number = Long.parseLong(text);
            return Long.toString(number).equals(text) ? number : null;
        } catch (NumberFormatException e) {
            return null;
        }
    }

    private void integer(int number) {
        if (number == (byte) number && random.nextInt(8) > 0) {
            out.write(0xc0);
            littleEndian(number, 1);
        } else if (number == (short) number && random.nextInt(8) > 0) {
            out.write(0xc1);
            littleEndian(number, 2);
        } else {
            out.write(0xc2);
            littleEndian(number, 4);
        }
    }

    static byte[] intset(long[] numbers, int width) {
        ByteBuffer bytes = ByteBuffer.allocate(8 + numbers.length * width).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(width).putInt(numbers.length);
        for (long number : numbers) {
            switch (width) {
                case 2 -> bytes.putShort((short) number);
                case 4 -> bytes.putInt((int) number);
                default -> bytes.putLong(number);
            }
        }
        return bytes.array();
    }
}
