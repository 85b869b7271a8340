package io.rediscdc.format.resp;

/** Single commands in their wire form, for handshakes. For many, fill a {@link RespBuffer}. */
public final class RespWriter {

    private static final int CAPACITY = 128;

    private RespWriter() {}

    /** A command, its name first. */
    public static byte[] command(byte[]... args) {
        return new RespBuffer(CAPACITY).command(args).toByteArray();
    }

    /** A command, its name first; as UTF-8. */
    public static byte[] command(String... args) {
        return new RespBuffer(CAPACITY).command(args).toByteArray();
    }
}
