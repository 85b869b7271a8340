package io.rediscdc.source.replica;

import java.io.Closeable;
import java.io.IOException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Whether anybody still wants a result, for a thread that waits for a server; who cancels it also hangs up. Any thread. */
final class Cancellation {

    private static final Logger LOG = LoggerFactory.getLogger(Cancellation.class);

    private boolean cancelled;

    /** What is being waited for. */
    private Closeable connection;

    /** Has this closed, in place of what was named before, when nobody wants the result any more. */
    synchronized void guard(Closeable waitedFor) {
        connection = waitedFor;
        if (cancelled) {
            hangUp();
        }
    }

    synchronized void cancel() {
        cancelled = true;
        hangUp();
    }

    synchronized boolean isCancelled() {
        return cancelled;
    }

    private void hangUp() {
        try {
            if (connection != null) {
                connection.close();
            }
        } catch (IOException e) {
            LOG.debug("Closing a connection failed", e);
        }
    }
}
