package io.rediscdc.testing;

import io.rediscdc.connection.SocketInput;
import io.rediscdc.format.ByteInput;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.ReplyReader;
import io.rediscdc.format.resp.RespWriter;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.Socket;
import java.util.List;
import java.util.OptionalLong;

/** A redis-server of the machine on a free port, and one connection to it; both end with {@link #close}. */
public final class RedisServer implements AutoCloseable {

    private final RedisProcess process;
    private final Socket socket;
    private final ReplyReader replies;

    /** Starts a server with further options, such as {@code --cluster-enabled yes}. */
    public RedisServer(String... options) throws IOException, InterruptedException {
        this("redis-server", List.of(options));
    }

    /** Starts a server of another build. */
    RedisServer(String executable, List<String> options) throws IOException, InterruptedException {
        process = new RedisProcess(executable, options);
        socket = process.open();
        replies = new ReplyReader(input(socket));
    }

    public Reply call(byte[]... args) {
        try {
            socket.getOutputStream().write(RespWriter.command(args));
            return replies.next();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public Reply call(String... args) {
        try {
            socket.getOutputStream().write(RespWriter.command(args));
            return replies.next();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A number of INFO, empty if it has no such field. */
    public OptionalLong info(String section, String field) {
        return call("INFO", section)
                .text()
                .lines()
                .filter(line -> line.startsWith(field + ":"))
                .mapToLong(line ->
                        Long.parseLong(line.substring(field.length() + 1).trim()))
                .findFirst();
    }

    @Override
    public void close() throws IOException {
        socket.close();
        process.close();
    }

    public int port() {
        return process.port();
    }

    /** As {@code host:port}. */
    public String address() {
        return process.address();
    }

    /** Ends it as kill -9 does; {@link #close} is still due. */
    public void kill() {
        process.kill();
    }

    /** Sends its process a signal, such as -STOP and -CONT. */
    public void signal(String signal) {
        process.signal(signal);
    }

    public boolean isAlive() {
        return process.isAlive();
    }

    /** A connection of the caller's own. */
    public Socket open() throws IOException {
        return process.open();
    }

    /** What comes from a connection. */
    public static ByteInput input(Socket socket) throws IOException {
        return new SocketInput(socket.getInputStream());
    }
}
