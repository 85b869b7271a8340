package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.ReplyReader;
import io.rediscdc.format.resp.RespWriter;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.TimeUnit;
import java.util.function.LongSupplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to a Redis server as its replica. A thread of its own drains the socket into the {@link Spool}, whatever
 * the decoder does, and sends REPLCONF ACK every second: without it a master stays silent after a diskless snapshot
 * (replication.c, replicaPutOnline) and drops the link after repl-timeout.
 */
final class ReplicaLink implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(ReplicaLink.class);
    private static final long ACK_INTERVAL_MS = 1000;
    private static final int READ_PATIENCE_MS = 200;
    private static final byte[] REPLCONF = "REPLCONF".getBytes(StandardCharsets.US_ASCII);
    private static final byte[] ACK = "ACK".getBytes(StandardCharsets.US_ASCII);
    private static final long NONE = -1;

    private final RedisAddress node;
    private final Socket socket;
    private final OutputStream out;
    private final Spool spool;
    private final ReplyReader replies;
    private final long replyTimeoutMs;
    private final long silenceTimeoutMs;
    private final Thread drain;
    private volatile LongSupplier ack = () -> NONE;
    private volatile boolean closed;

    /** Whether the spool is full, so that the server has to wait. */
    private volatile boolean stalled;

    private ReplicaLink(RedisAddress node, Socket socket, LinkOptions options) throws IOException {
        this.node = node;
        this.socket = socket;
        this.out = socket.getOutputStream();
        this.spool = new Spool(options.spool());
        this.replies = new ReplyReader(spool);
        this.replyTimeoutMs = options.replyTimeoutMs();
        this.silenceTimeoutMs = options.silenceTimeoutMs();
        InputStream in = socket.getInputStream();
        this.drain = new Thread(() -> drain(in), "redis-cdc-replica-" + node);
        drain.setDaemon(true);
    }

    /**
     * Connects.
     *
     * @param cancellation hangs up, also later
     * @throws RedisCdcException CONNECTION if the server cannot be reached
     */
    static ReplicaLink open(RedisAddress node, LinkOptions options, Cancellation cancellation) {
        Socket socket = new Socket();
        try {
            cancellation.guard(socket);
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.setReceiveBufferSize(1 << 20);
            socket.connect(
                    new InetSocketAddress(node.host(), node.port()), Math.toIntExact(options.connectTimeoutMs()));
            socket.setSoTimeout(READ_PATIENCE_MS);
            ReplicaLink link = new ReplicaLink(node, socket, options);
            link.drain.start();
            return link;
        } catch (IOException e) {
            closeQuietly(socket);
            throw new RedisCdcException(
                    Category.CONNECTION,
                    "cannot connect to Redis at " + node + ": " + e.getMessage()
                            + "; check that it runs and that redis.address names it, or Sentinel does",
                    e);
        }
    }

    RedisAddress node() {
        return node;
    }

    Spool spool() {
        return spool;
    }

    boolean isStalled() {
        return stalled;
    }

    /** Sends a command and reads its reply, an error reply included. */
    Reply call(String... args) {
        byte[][] bytes = new byte[args.length][];
        for (int i = 0; i < args.length; i++) {
            bytes[i] = args[i].getBytes(StandardCharsets.UTF_8);
        }
        send(bytes);
        return reply(args[0]);
    }

    /** Reads the reply to a command that has been sent, an error reply included. */
    Reply reply(String to) {
        spool.patience(replyTimeoutMs);
        try {
            Reply reply = replies.next();
            spool.mark();
            return reply;
        } catch (RedisCdcException e) {
            throw e.category() == Category.PROTOCOL ? notRedis(e) : e;
        } catch (Spool.Stalled e) {
            throw new RedisCdcException(
                    Category.CONNECTION,
                    "no answer from " + node + " to " + to + " within " + replyTimeoutMs + " ms",
                    e);
        } catch (IOException e) {
            throw new RedisCdcException(Category.CONNECTION, "reading from " + node + " failed: " + e.getMessage(), e);
        }
    }

    private RedisCdcException notRedis(RedisCdcException cause) {
        return new RedisCdcException(
                Category.PROTOCOL,
                node + " answered with something that is not Redis' protocol (" + cause.getMessage()
                        + "); check that redis.address, or Sentinel, names a Redis server's port, and one without TLS",
                cause);
    }

    /** Sends a command whose reply the caller reads from the spool. */
    void send(byte[]... args) {
        byte[] command = RespWriter.command(args);
        try {
            synchronized (out) {
                out.write(command);
                out.flush();
            }
        } catch (IOException e) {
            throw new RedisCdcException(Category.CONNECTION, "writing to " + node + " failed: " + e.getMessage(), e);
        }
    }

    /** From now on reports this offset every second. */
    void acknowledge(LongSupplier offset) {
        this.ack = offset;
    }

    /** Reports the offset at once. A link that is lost stays quiet: its reader learns of it anyway. */
    void acknowledgeNow() {
        try {
            sendAck();
        } catch (RedisCdcException e) {
            LOG.debug("An acknowledgement was not sent", e);
        }
    }

    private void drain(InputStream in) {
        long lastByte = System.nanoTime();
        long lastAck = lastByte;
        long fullSince = NONE;
        try {
            while (!closed) {
                long now = System.nanoTime();
                if (now - lastAck >= ACK_INTERVAL_MS * 1_000_000) {
                    lastAck = now;
                    sendAck();
                }
                int n = fill(in);
                if (n < 0 && n != Spool.FULL) {
                    throw new IOException("the server closed the connection");
                }
                if (n == Spool.FULL && fullSince == NONE) {
                    fullSince = now;
                    stalled = true;
                    LOG.warn(
                            "The spool of {} is full with {} bytes: the source has to wait until Kafka takes some;"
                                    + " its client-output-buffer-limit for replicas counts from now on",
                            node,
                            spool.backlog());
                } else if (fullSince != NONE && n > 0 && spool.isRoomy()) {
                    LOG.info(
                            "The spool of {} has room again, after {} ms",
                            node,
                            TimeUnit.NANOSECONDS.toMillis(now - fullSince));
                    fullSince = NONE;
                    stalled = false;
                }
                if (n > 0 || n == Spool.FULL) {
                    lastByte = now;
                } else if (now - lastByte >= silenceTimeoutMs * 1_000_000) {
                    throw new IOException("nothing received for " + silenceTimeoutMs + " ms");
                }
            }
        } catch (IOException | RedisCdcException e) {
            if (!closed) {
                spool.fail(new RedisCdcException(
                        Category.CONNECTION, "connection to " + node + " lost: " + e.getMessage(), e));
            }
        } finally {
            closeQuietly(socket);
        }
    }

    private int fill(InputStream in) throws IOException {
        try {
            return spool.fill(in, READ_PATIENCE_MS);
        } catch (SocketTimeoutException e) {
            return 0;
        }
    }

    private void sendAck() {
        long offset = ack.getAsLong();
        if (offset != NONE) {
            send(REPLCONF, ACK, Long.toString(offset).getBytes(StandardCharsets.US_ASCII));
        }
    }

    /** Ends the connection and the thread; the second time it does nothing. */
    @Override
    public void close() {
        closed = true;
        spool.close();
        closeQuietly(socket);
        try {
            drain.join(2000);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        if (drain.isAlive()) {
            LOG.warn("The thread {} has not ended within 2 s", drain.getName());
        }
    }

    private static void closeQuietly(Socket socket) {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("Closing a socket failed", e);
        }
    }
}
