package io.rediscdc.source.replica;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.format.ByteInput;
import io.rediscdc.format.resp.CommandReader;
import io.rediscdc.source.capture.StateRequests;
import java.io.Closeable;
import java.io.EOFException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CopyOnWriteArrayList;

/**
 * A master by hand: answers the handshake, and to each PSYNC sends the next script, piece by piece. Any number of
 * connections at a time.
 */
final class FakeMaster implements Closeable {

    private static final byte[] HANG_UP = {};
    private static final byte[] PAUSE = {};
    static final long PAUSE_MS = 450;

    private final ServerSocket server;
    private final Queue<List<byte[]>> scripts = new ArrayDeque<>();
    final List<String> asked = new CopyOnWriteArrayList<>();

    private volatile String info;
    private volatile boolean loading;

    FakeMaster() throws IOException {
        server = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
        Thread thread = new Thread(this::serve, "fake-master");
        thread.setDaemon(true);
        thread.start();
    }

    RedisAddress address() {
        return new RedisAddress("127.0.0.1", server.getLocalPort());
    }

    /** What reads it, with nothing that a test is not about. */
    ReplicaCapture capture(ResumePoint from) {
        return new ReplicaCapture(
                new ReplicaOptions(
                        List.of(address()),
                        ReadFrom.REPLICA_PREFERRED,
                        null,
                        null,
                        "0",
                        false,
                        1_000_000,
                        0,
                        5_000,
                        AckMode.NONE,
                        new LinkOptions(1000, 1000, 5000, SpoolOptions.memory(1 << 20))),
                from,
                StateRequests.NONE);
    }

    /** What the next PSYNC gets; each piece is sent in a packet of its own, an empty one closes the connection. */
    synchronized FakeMaster script(List<byte[]> pieces) {
        scripts.add(pieces);
        return this;
    }

    /** What INFO says from now on; without it, nothing of use. */
    FakeMaster info(String role, String replid, long backlogStart, long backlogBytes) {
        return info(role, replid, "0".repeat(40), -1, backlogStart, backlogBytes);
    }

    /** The same of one that was promoted: its history had that name up to the byte before {@code formerEnd}. */
    FakeMaster info(String role, String replid, String former, long formerEnd, long backlogStart, long backlogBytes) {
        info = "# Replication\r\nrole:" + role + "\r\nmaster_link_status:up\r\nmaster_replid:" + replid
                + "\r\nmaster_replid2:" + former + "\r\nsecond_repl_offset:" + formerEnd
                + "\r\nrepl_backlog_size:1048576"
                + "\r\nmaster_repl_offset:" + (backlogStart + backlogBytes - 1)
                + "\r\nrepl_backlog_first_byte_offset:" + backlogStart + "\r\nrepl_backlog_histlen:" + backlogBytes
                + "\r\n";
        return this;
    }

    /** Whether it says that it reads its data set. */
    void loading(boolean isLoading) {
        loading = isLoading;
    }

    FakeMaster script(byte[]... pieces) {
        return script(List.of(pieces));
    }

    static byte[] hangUp() {
        return HANG_UP;
    }

    /** Nothing is sent for {@value #PAUSE_MS} ms. */
    static byte[] pause() {
        return PAUSE;
    }

    private void serve() {
        while (!server.isClosed()) {
            try {
                Socket socket = server.accept();
                Thread thread = new Thread(() -> converseAndClose(socket), "fake-master-connection");
                thread.setDaemon(true);
                thread.start();
            } catch (IOException e) {
                asked.add("closed: " + e.getMessage());
            }
        }
    }

    private void converseAndClose(Socket socket) {
        try (socket) {
            socket.setTcpNoDelay(true);
            converse(socket);
        } catch (IOException e) {
            asked.add("closed: " + e.getMessage());
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void converse(Socket socket) throws IOException, InterruptedException {
        OutputStream out = socket.getOutputStream();
        CommandReader commands = new CommandReader(new StreamInput(socket.getInputStream()));
        while (true) {
            byte[][] args = commands.next();
            StringBuilder line = new StringBuilder();
            for (byte[] arg : args) {
                line.append(line.length() == 0 ? "" : " ").append(new String(arg, StandardCharsets.ISO_8859_1));
            }
            asked.add(line.toString());
            if (line.toString().startsWith("PSYNC")) {
                for (byte[] piece : nextScript()) {
                    if (piece == PAUSE) {
                        Thread.sleep(PAUSE_MS);
                        continue;
                    }
                    if (piece.length == 0) {
                        return;
                    }
                    out.write(piece);
                    out.flush();
                }
            } else if (info != null && line.toString().startsWith("INFO")) {
                out.write(("$" + info.length() + "\r\n" + info + "\r\n").getBytes(StandardCharsets.US_ASCII));
            } else if (loading && line.toString().equals("PING")) {
                out.write("-LOADING Redis is loading the dataset in memory\r\n".getBytes(StandardCharsets.US_ASCII));
            } else if (!line.toString().startsWith("REPLCONF ACK")) {
                out.write("+OK\r\n".getBytes(StandardCharsets.US_ASCII));
            }
        }
    }

    private synchronized List<byte[]> nextScript() {
        return scripts.isEmpty() ? List.of(HANG_UP) : scripts.remove();
    }

    @Override
    public void close() throws IOException {
        server.close();
    }

    private static final class StreamInput extends ByteInput {
        private final InputStream in;

        StreamInput(InputStream in) {
            super(new byte[4096], 0, 0);
            this.in = in;
        }

        @Override
        protected void refill() throws IOException {
            int n = in.read(window);
            if (n < 0) {
                throw new EOFException();
            }
            next = 0;
            limit = n;
        }
    }
}
