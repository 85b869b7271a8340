package io.rediscdc.format.rdb.value;

import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.List;
import java.util.Random;

/** Packs elements into a listpack, a ziplist or a zipmap, as src/listpack.c, src/ziplist.c and src/zipmap.c do. */
public final class PackedEncoder {

    private static final int MOST_COUNTED = 0xffff;

    private PackedEncoder() {}

    public static byte[] listpack(List<byte[]> elements) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        for (byte[] element : elements) {
            byte[] encoded = listpackElement(element);
            body.writeBytes(encoded);
            backLength(encoded.length, body);
        }
        ByteBuffer bytes = ByteBuffer.allocate(6 + body.size() + 1).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(bytes.capacity()).putShort((short) Math.min(elements.size(), MOST_COUNTED));
        return bytes.put(body.toByteArray()).put((byte) 0xff).array();
    }

    private static byte[] listpackElement(byte[] element) {
        Long number = RdbEncoder.number(element);
        if (number != null) {
            long n = number;
            if (n >= 0 && n <= 127) {
                return new byte[] {(byte) n};
            } else if (n >= -4096 && n <= 4095) {
                return new byte[] {(byte) (0xc0 | (n >> 8 & 0x1f)), (byte) n};
            } else if (n == (short) n) {
                return number(0xf1, n, 2);
            } else if (n >= -(1 << 23) && n < 1 << 23) {
                return number(0xf2, n, 3);
            } else if (n == (int) n) {
                return number(0xf3, n, 4);
            }
            return number(0xf4, n, 8);
        }
        int length = element.length;
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        if (length < 64) {
            out.write(0x80 | length);
        } else if (length < 4096) {
            out.write(0xe0 | length >> 8);
            out.write(length);
        } else {
            out.writeBytes(number(0xf0, length, 4));
        }
        out.writeBytes(element);
        return out.toByteArray();
    }

    /** The bounds are those of lpEncodeBacklen. */
    private static void backLength(int length, ByteArrayOutputStream out) {
        if (length <= 127) {
            out.write(length);
        } else if (length < 16383) {
            out.write(length >> 7);
            out.write((length & 127) | 128);
        } else if (length < 2097151) {
            out.write(length >> 14);
            out.write((length >> 7 & 127) | 128);
            out.write((length & 127) | 128);
        } else {
            out.write(length >> 21);
            out.write((length >> 14 & 127) | 128);
            out.write((length >> 7 & 127) | 128);
            out.write((length & 127) | 128);
        }
    }

    /** The length of the element before sometimes takes five bytes where one would do, as it can after a deletion. */
    public static byte[] ziplist(List<byte[]> elements, Random random) {
        ByteArrayOutputStream body = new ByteArrayOutputStream();
        int previous = 0;
        int tail = 10;
        for (byte[] element : elements) {
            int begin = body.size();
            tail = 10 + begin;
            if (previous < 254 && random.nextInt(6) > 0) {
                body.write(previous);
            } else {
                body.writeBytes(number(0xfe, previous, 4));
            }
            ziplistElement(element, body);
            previous = body.size() - begin;
        }
        ByteBuffer bytes = ByteBuffer.allocate(10 + body.size() + 1).order(ByteOrder.LITTLE_ENDIAN);
        bytes.putInt(bytes.capacity()).putInt(tail).putShort((short) Math.min(elements.size(), MOST_COUNTED));
        return bytes.put(body.toByteArray()).put((byte) 0xff).array();
    }

    private static void ziplistElement(byte[] element, ByteArrayOutputStream out) {
        Long number = RdbEncoder.number(element);
        if (number != null) {
            long n = number;
            if (n >= 0 && n <= 12) {
                out.write(0xf1 + (int) n);
            } else if (n == (byte) n) {
                out.writeBytes(number(0xfe, n, 1));
            } else if (n == (short) n) {
                out.writeBytes(number(0xc0, n, 2));
            } else if (n >= -(1 << 23) && n < 1 << 23) {
                out.writeBytes(number(0xf0, n, 3));
            } else if (n == (int) n) {
                out.writeBytes(number(0xd0, n, 4));
            } else {
                out.writeBytes(number(0xe0, n, 8));
            }
            return;
        }
        int length = element.length;
        if (length < 1 << 6) {
            out.write(length);
        } else if (length < 1 << 14) {
            out.write(0x40 | length >> 8);
            out.write(length);
        } else {
            out.write(0x80);
            out.writeBytes(ByteBuffer.allocate(4).putInt(length).array());
        }
        out.writeBytes(element);
    }

    /** Fields and values alternate. Values sometimes have bytes behind them that are not used. */
    public static byte[] zipmap(List<byte[]> fieldsAndValues, Random random) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.write(Math.min(fieldsAndValues.size() / 2, 254));
        for (int i = 0; i < fieldsAndValues.size(); i++) {
            byte[] bytes = fieldsAndValues.get(i);
            if (bytes.length < 254) {
                out.write(bytes.length);
            } else {
                out.writeBytes(number(0xfe, bytes.length, 4));
            }
            int unused = i % 2 == 1 ? random.nextInt(4) : 0;
            if (i % 2 == 1) {
                out.write(unused);
            }
            out.writeBytes(bytes);
            out.writeBytes(new byte[unused]);
        }
        out.write(0xff);
        return out.toByteArray();
    }

    /** A byte, then a number, little-endian. */
    private static byte[] number(int first, long number, int width) {
        byte[] bytes = new byte[1 + width];
        bytes[0] = (byte) first;
        for (int i = 0; i < width; i++) {
            bytes[1 + i] = (byte) (number >>> (8 * i));
        }
        return bytes;
    }
}
