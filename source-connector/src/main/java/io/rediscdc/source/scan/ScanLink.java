package io.rediscdc.source.scan;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.ReplyReader;
import io.rediscdc.format.resp.RespBuffer;
import java.io.Closeable;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection on which commands are sent together, and their replies read one after the other. Used by one thread;
 * {@link #close()} may come from another and ends what waits.
 */
final class ScanLink implements Closeable {

    private static final Logger LOG = LoggerFactory.getLogger(ScanLink.class);

    /** Beyond this, room for commands that a large batch needed is given back. */
    private static final int KEPT_COMMANDS = 1 << 20;

    private final RedisAddress node;
    private final ScanOptions options;
    private final Socket socket = new Socket();
    private RespBuffer commands = new RespBuffer(4096);
    private LinkInput input;
    private ReplyReader replies;
    private int selected;
    private boolean old;

    private ScanLink(RedisAddress node, ScanOptions options) {
        this.node = node;
        this.options = options;
    }

    /**
     * Connects and logs in.
     *
     * @param owner hangs up, also later
     * @throws RedisCdcException CONNECTION if the server cannot be reached, CONFIG if it refuses the login
     */
    static ScanLink open(RedisAddress node, ScanOptions options, LinkOwner owner) {
        ScanLink link = new ScanLink(node, options);
        try {
            owner.own(link);
            link.connect();
            link.login();
            return link;
        } catch (RedisCdcException e) {
            link.close();
            throw e;
        }
    }

    private void connect() {
        try {
            socket.setTcpNoDelay(true);
            socket.setKeepAlive(true);
            socket.connect(new InetSocketAddress(node.host(), node.port()), options.connectTimeoutMs());
            socket.setSoTimeout(options.commandTimeoutMs());
            input = new LinkInput(socket.getInputStream());
            replies = new ReplyReader(input);
        } catch (IOException e) {
            throw new RedisCdcException(
                    Category.CONNECTION,
                    "cannot connect to Redis at " + node + ": " + e.getMessage()
                            + "; check that it runs and that redis.address names it, or Sentinel does",
                    e);
        }
    }

    private void login() {
        if (options.password() == null) {
            return;
        }
        Reply reply = options.username() == null
                ? call("AUTH", options.password())
                : call("AUTH", options.username(), options.password());
        if (reply.isFailure()) {
            throw new RedisCdcException(
                    Category.CONFIG,
                    node + " refused the login: " + reply.text() + "; check redis.username and redis.password");
        }
    }

    RedisAddress node() {
        return node;
    }

    /** Notes that the server is one before Redis 7, which knows fewer commands. */
    void isOld(boolean isOld) {
        old = isOld;
    }

    boolean isOld() {
        return old;
    }

    /** Commands to be sent by {@link #flush}; each has a reply, in their order. */
    RespBuffer commands() {
        return commands;
    }

    /** Adds a SELECT if another database is selected. Returns how many replies it has: 0 or 1. */
    int select(int db) {
        if (db == selected) {
            return 0;
        }
        selected = db;
        commands.begin(2).arg("SELECT").arg(db);
        return 1;
    }

    /** Adds a SELECT to a transaction; has a reply in any case. */
    void selectWithin(int db) {
        selected = db;
        commands.begin(2).arg("SELECT").arg(db);
    }

    void flush() {
        try {
            commands.writeTo(socket.getOutputStream());
        } catch (IOException e) {
            throw new RedisCdcException(Category.CONNECTION, "writing to " + node + " failed: " + e.getMessage(), e);
        }
        if (commands.length() > KEPT_COMMANDS) {
            commands = new RespBuffer(4096);
        } else {
            commands.clear();
        }
    }

    /** The next reply, an error reply included; those that only say that the server is not there for us are thrown. */
    Reply reply() {
        try {
            return checked(replies.next());
        } catch (SocketTimeoutException e) {
            throw new RedisCdcException(
                    Category.CONNECTION, "no answer from " + node + " within " + options.commandTimeoutMs() + " ms", e);
        } catch (IOException e) {
            throw new RedisCdcException(Category.CONNECTION, "reading from " + node + " failed: " + e.getMessage(), e);
        }
    }

    /**
     * The next message of a subscription.
     *
     * @return null if there is none within the time
     */
    Reply message(int waitMs) {
        try {
            if (input.buffered() == 0) {
                socket.setSoTimeout(waitMs);
                boolean arrived = input.await();
                socket.setSoTimeout(options.commandTimeoutMs());
                if (!arrived) {
                    return null;
                }
            }
            return checked(replies.next());
        } catch (IOException e) {
            throw new RedisCdcException(Category.CONNECTION, "reading from " + node + " failed: " + e.getMessage(), e);
        }
    }

    /** Sends one command and reads its reply, an error reply included. */
    Reply call(String... args) {
        commands.command(args);
        flush();
        return reply();
    }

    private Reply checked(Reply reply) {
        if (reply instanceof Reply.Failure failure) {
            String code = failure.line().split(" ", 2)[0];
            switch (code) {
                case "LOADING", "BUSY", "MASTERDOWN", "CLUSTERDOWN", "TRYAGAIN" ->
                    throw new RedisCdcException(
                            Category.CONNECTION,
                            node + " cannot answer now: " + failure.line() + "; it is tried again");
                case "NOAUTH" ->
                    throw new RedisCdcException(
                            Category.CONFIG,
                            node + " wants a login: " + failure.line()
                                    + "; set redis.password (and redis.username for an ACL user)");
                default -> LOG.trace("{} refuses something", node);
            }
        }
        return reply;
    }

    @Override
    public void close() {
        try {
            socket.close();
        } catch (IOException e) {
            LOG.debug("Closing the connection to {} failed", node, e);
        }
    }

    static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
