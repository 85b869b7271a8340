package io.rediscdc.connection;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.ReplyReader;
import io.rediscdc.format.resp.RespWriter;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A plain connection to one server or sentinel, for a few questions. Used by one thread; {@link #close()} may come from
 * another and ends what waits.
 */
public final class RespConnection implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(RespConnection.class);

    private final RedisAddress address;
    private final int timeoutMs;
    private final Socket socket = new Socket();
    private ReplyReader replies;

    /**
     * Connects to nothing yet.
     *
     * @param timeoutMs bound on making the connection, and on each answer, ms
     */
    public RespConnection(RedisAddress address, int timeoutMs) {
        this.address = address;
        this.timeoutMs = timeoutMs;
    }

    public RedisAddress address() {
        return address;
    }

    /**
     * Makes the connection.
     *
     * @throws IOException if it cannot, a {@link java.net.SocketTimeoutException} within the time
     */
    public void connect() throws IOException {
        socket.setTcpNoDelay(true);
        socket.connect(new InetSocketAddress(address.host(), address.port()), timeoutMs);
        socket.setSoTimeout(timeoutMs);
        replies = new ReplyReader(new SocketInput(socket.getInputStream()));
    }

    /** Logs in, where there is a password; the user may be null for the default one. Null where there was nothing to do. */
    public Reply login(String username, String password) throws IOException {
        if (password == null) {
            return null;
        }
        return username == null ? call("AUTH", password) : call("AUTH", username, password);
    }

    /**
     * Sends a command and waits for its reply, an error reply included.
     *
     * @throws IOException if there is none, a {@link java.net.SocketTimeoutException} within the time
     * @throws io.rediscdc.error.RedisCdcException PROTOCOL if it is none of Redis' protocol
     */
    public Reply call(String... command) throws IOException {
        socket.getOutputStream().write(RespWriter.command(command));
        return replies.next();
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("Closing the connection to {} failed", address, e);
        }
    }
}
