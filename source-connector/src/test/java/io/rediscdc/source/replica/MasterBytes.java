package io.rediscdc.source.replica;

import io.rediscdc.format.Crc64;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;

/** What a master sends, for the scripts of {@link FakeMaster}. */
final class MasterBytes {

    static final String REPLID = "a".repeat(40);

    private MasterBytes() {}

    static byte[] fullResync(long offset) {
        return ascii("+FULLRESYNC " + REPLID + " " + offset + "\r\n");
    }

    static byte[] disk(byte[] rdb) {
        return disk(rdb, rdb.length);
    }

    static byte[] disk(byte[] rdb, int sent) {
        return concat(ascii("\n$" + rdb.length + "\r\n"), Arrays.copyOf(rdb, sent));
    }

    static byte[] command(String... args) {
        StringBuilder command = new StringBuilder("*" + args.length + "\r\n");
        for (String arg : args) {
            command.append('$').append(arg.length()).append("\r\n").append(arg).append("\r\n");
        }
        return ascii(command.toString());
    }

    /** An RDB of version 10 with string keys in one database, which is also the stream's. */
    static byte[] rdb(int db, String... keys) {
        return rdbSaying("", db, keys);
    }

    /** The same, with what a server says of an atomic migration. */
    static byte[] rdbSaying(String task, int db, String... keys) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        out.writeBytes(ascii("REDIS0010"));
        aux(out, "redis-ver", "7.0.15");
        if (!task.isEmpty()) {
            aux(out, "cluster-asm-task", task);
        }
        aux(out, "repl-stream-db", Integer.toString(db));
        out.write(0xfe);
        out.write(db);
        for (String key : keys) {
            out.write(0);
            string(out, key);
            string(out, "value of " + key);
        }
        out.write(0xff);
        long crc = Crc64.update(0, out.toByteArray(), 0, out.size());
        for (int i = 0; i < 8; i++) {
            out.write((int) (crc >>> (8 * i)));
        }
        return out.toByteArray();
    }

    private static void aux(ByteArrayOutputStream out, String name, String value) {
        out.write(0xfa);
        string(out, name);
        string(out, value);
    }

    private static void string(ByteArrayOutputStream out, String text) {
        out.write(text.length());
        out.writeBytes(ascii(text));
    }

    static byte[] concat(byte[]... pieces) {
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        for (byte[] piece : pieces) {
            out.writeBytes(piece);
        }
        return out.toByteArray();
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.ISO_8859_1);
    }
}
