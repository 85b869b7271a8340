package io.rediscdc.sink.target;

import io.netty.buffer.ByteBuf;
import io.netty.channel.ChannelFuture;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelInboundHandlerAdapter;
import java.io.IOException;
import java.nio.channels.ClosedChannelException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayDeque;
import java.util.concurrent.CompletableFuture;

/**
 * Sends batches that are encoded already through a connection that Lettuce made, and reads their replies itself.
 *
 * <p>It stands before Lettuce's handlers in the pipeline. While replies to a batch are outstanding they are taken out of
 * the stream here; Lettuce sees the others. So a change costs neither a Lettuce command nor its future, queue entry and
 * decoder state (measured per million small SETs, CPU of the whole process: 0.7 s this way, 2.5 s by Lettuce's
 * asynchronous commands), and Lettuce still connects, logs in and names the connection. The price is a rule that
 * {@link TargetConnection} keeps: no batch while a Lettuce command is under way, and no Lettuce command while a batch is.
 */
final class BatchHandler extends ChannelInboundHandlerAdapter {

    private static final int MAX_FIRST_LINE = 256;

    private record Exchange(BatchReplies replies, CompletableFuture<BatchReplies> done) {}

    private final ArrayDeque<Exchange> outstanding = new ArrayDeque<>();
    private volatile ChannelHandlerContext context;
    private volatile String firstLine;

    /**
     * Beginning of what the server said first, null if nothing. Lettuce can lose it: where the server refuses a connection
     * faster than its maker looks, all it says is "RedisHandshakeHandler not registered".
     */
    String firstLine() {
        return firstLine;
    }

    /** Thread-safe. The buffer is released when it has been written or cannot be. */
    CompletableFuture<BatchReplies> send(ByteBuf batch, BatchReplies replies) {
        CompletableFuture<BatchReplies> done = new CompletableFuture<>();
        context.executor().execute(() -> {
            if (!context.channel().isActive()) {
                batch.release();
                done.completeExceptionally(new ClosedChannelException());
                return;
            }
            outstanding.add(new Exchange(replies, done));
            context.writeAndFlush(batch).addListener(written -> {
                if (!written.isSuccess()) {
                    done.completeExceptionally(written.cause());
                    hangUp(context);
                }
            });
        });
        return done;
    }

    /**
     * Sends bytes of a command whose replies are outstanding already. Thread-safe. The buffer is released when it has been
     * written or cannot be.
     *
     * @return done when the connection has taken them
     */
    CompletableFuture<Void> write(ByteBuf part) {
        CompletableFuture<Void> done = new CompletableFuture<>();
        context.executor().execute(() -> context.writeAndFlush(part).addListener(written -> {
            if (written.isSuccess()) {
                done.complete(null);
            } else {
                done.completeExceptionally(written.cause());
                hangUp(context);
            }
        }));
        return done;
    }

    @Override
    public void handlerAdded(ChannelHandlerContext ctx) {
        context = ctx;
    }

    @Override
    public void channelRead(ChannelHandlerContext ctx, Object message) {
        ByteBuf in = (ByteBuf) message;
        if (outstanding.isEmpty()) {
            if (firstLine == null && in.isReadable()) {
                firstLine = line(in);
            }
            ctx.fireChannelRead(in);
            return;
        }
        boolean passOn = false;
        try {
            Exchange exchange = outstanding.peek();
            while (exchange != null && exchange.replies().read(in)) {
                outstanding.poll();
                exchange.done().complete(exchange.replies());
                exchange = outstanding.peek();
            }
            passOn = in.isReadable();
        } catch (RuntimeException e) {
            failAll(e);
            hangUp(ctx);
        } finally {
            if (!passOn) {
                in.release();
            }
        }
        if (passOn) {
            ctx.fireChannelRead(in);
        }
    }

    @Override
    public void channelInactive(ChannelHandlerContext ctx) {
        failAll(new ClosedChannelException());
        ctx.fireChannelInactive();
    }

    private static String line(ByteBuf in) {
        int length = Math.min(in.readableBytes(), MAX_FIRST_LINE);
        String text = in.toString(in.readerIndex(), length, StandardCharsets.UTF_8);
        int end = text.indexOf('\r');
        return end < 0 ? text : text.substring(0, end);
    }

    /** Nobody waits for it: {@link #channelInactive} tells whoever waits for replies. */
    private static void hangUp(ChannelHandlerContext ctx) {
        ChannelFuture unused = ctx.close();
    }

    private void failAll(Throwable cause) {
        Exchange exchange;
        while ((exchange = outstanding.poll()) != null) {
            BatchReplies replies = exchange.replies();
            exchange.done()
                    .completeExceptionally(
                            replies.errorCount() == 0
                                    ? cause
                                    // Of what it refuses to read, the server says so and hangs up.
                                    : new IOException(
                                            "closed after '"
                                                    + TargetError.brief(replies.errors()
                                                            .get(0)
                                                            .text()) + "'",
                                            cause));
        }
    }
}
