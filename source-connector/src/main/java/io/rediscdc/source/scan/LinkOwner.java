package io.rediscdc.source.scan;

import java.io.Closeable;
import java.util.ArrayList;
import java.util.List;

/** All connections of a run: whoever ends the run hangs all of them up, also those made later. Any thread. */
final class LinkOwner implements Closeable {

    private final List<ScanLink> links = new ArrayList<>();
    private boolean closed;

    void own(ScanLink link) {
        synchronized (this) {
            if (!closed) {
                links.add(link);
                return;
            }
        }
        link.close();
    }

    synchronized boolean isClosed() {
        return closed;
    }

    @Override
    public void close() {
        List<ScanLink> open;
        synchronized (this) {
            closed = true;
            open = List.copyOf(links);
            links.clear();
        }
        open.forEach(ScanLink::close);
    }
}
