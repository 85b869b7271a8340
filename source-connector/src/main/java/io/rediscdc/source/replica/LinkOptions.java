package io.rediscdc.source.replica;

/**
 * How a link to a server behaves.
 *
 * @param connectTimeoutMs for the TCP connection
 * @param replyTimeoutMs for the answer to a command of the handshake
 * @param silenceTimeoutMs after which a link on which nothing arrives is given up
 * @param spool what may be received ahead of the decoder
 */
public record LinkOptions(long connectTimeoutMs, long replyTimeoutMs, long silenceTimeoutMs, SpoolOptions spool) {}
