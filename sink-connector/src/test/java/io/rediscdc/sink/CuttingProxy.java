package io.rediscdc.sink;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;

/** Passes connections on to a server of this host, and cuts one after a given number of bytes when it is told to. */
final class CuttingProxy implements AutoCloseable {

    /** Bytes that still pass in one direction before a connection is cut; negative for no end. */
    private static final class Budget {

        private final AtomicLong left = new AtomicLong(-1);

        /** How many of n bytes may pass. Fewer than n only once: that is the cut. */
        int take(int n) {
            long before = left.getAndUpdate(l -> l < 0 ? l : l < n ? -1 : l - n);
            return before < 0 ? n : (int) Math.min(before, n);
        }
    }

    private final int target;
    private final ServerSocket server;
    private final Thread acceptor;
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    private final Budget requests = new Budget();
    private final Budget replies = new Budget();
    private final AtomicInteger cuts = new AtomicInteger();

    private CuttingProxy(int target) throws IOException {
        this.target = target;
        this.server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        this.acceptor = new Thread(this::accept, "cutting-proxy");
        acceptor.setDaemon(true);
        acceptor.start();
    }

    static CuttingProxy before(int target) {
        try {
            return new CuttingProxy(target);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    String address() {
        return "127.0.0.1:" + server.getLocalPort();
    }

    /** Lets so many bytes pass to the server, and then no more on that connection. */
    void cutRequestsAfter(long bytes) {
        requests.left.set(bytes);
    }

    /** Lets so many bytes pass from the server, and then no more on that connection. */
    void cutRepliesAfter(long bytes) {
        replies.left.set(bytes);
    }

    /** Takes back what was asked for and has not happened. */
    void cutNoMore() {
        requests.left.set(-1);
        replies.left.set(-1);
    }

    /** How many connections have been cut. */
    int cuts() {
        return cuts.get();
    }

    private void accept() {
        while (!server.isClosed()) {
            try {
                Socket client = server.accept();
                Socket there = new Socket(InetAddress.getLoopbackAddress(), target);
                client.setTcpNoDelay(true);
                there.setTcpNoDelay(true);
                open.add(client);
                open.add(there);
                start(client, there, requests);
                start(there, client, replies);
            } catch (IOException e) {
                // closed, or the server is away: whoever connected notices
            }
        }
    }

    private void start(Socket from, Socket to, Budget budget) {
        Thread pump = new Thread(() -> pump(from, to, budget), "cutting-proxy");
        pump.setDaemon(true);
        pump.start();
    }

    private void pump(Socket from, Socket to, Budget budget) {
        byte[] buffer = new byte[16 * 1024];
        try {
            InputStream in = from.getInputStream();
            OutputStream out = to.getOutputStream();
            int n = in.read(buffer);
            while (n >= 0) {
                int passing = budget.take(n);
                out.write(buffer, 0, passing);
                if (passing < n) {
                    cuts.incrementAndGet();
                    break;
                }
                n = in.read(buffer);
            }
        } catch (IOException e) {
            // the other direction has ended
        }
        hangUp(from);
        hangUp(to);
    }

    private void hangUp(Socket socket) {
        open.remove(socket);
        try {
            socket.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            server.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        open.forEach(this::hangUp);
    }
}
