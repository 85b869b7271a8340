package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.State;
import java.io.Closeable;
import java.util.List;

/**
 * Finds out whether a server lets itself be read by SCAN, without reading it. Every step throws CONNECTION if the server is
 * not there, and CONFIG or UNSUPPORTED with what is missing.
 */
public final class ScanProbe implements Closeable {

    private final ScanOptions options;
    private final LinkOwner owner = new LinkOwner();
    private ScanNodes.Found server;

    /** Connects to nothing yet. */
    public ScanProbe(ScanOptions options) {
        this.options = options;
    }

    /**
     * Connects and logs in.
     *
     * @throws RedisCdcException see above
     */
    public void connect() {
        server = ScanNodes.find(options, new ScanShard(options, null).nodes(), null, owner);
    }

    /**
     * Asks whether keys can be found and read.
     *
     * @throws RedisCdcException see above
     */
    public void mayRead() {
        int db = options.databases().isEmpty() ? 0 : options.databases().get(0);
        new ScanWalker(server.link(), options, List.of(db), db, "0").next();
        ValueReader.of(server.link(), options, server.facts()).read(db, List.of(ServerFacts.probe()), new Ignored());
        WindowReader windows = new WindowReader(server.link(), options, server.facts());
        if (!server.facts().dumps()) {
            windows.begin(ServerFacts.probeKey(db));
            windows.probe(ServerFacts.probe());
        }
    }

    /**
     * Asks whether changes are told of, if they are to be followed. Nothing is changed at the server: where notifications
     * may be turned on, that is not done yet.
     *
     * @throws RedisCdcException see above
     */
    public void hears() {
        if (!options.mode().isLive()) {
            return;
        }
        if (options.live().feed() == LiveOptions.Feed.KEYSPACE
                && !options.live().configures()) {
            Notifications.require(server.link(), options);
        }
        ScanLink own = ScanLink.open(server.link().node(), options, owner);
        own.isOld(server.link().isOld());
        new LiveChanges(options, server.link(), own, new ScanStatus()).begin();
    }

    @Override
    public void close() {
        owner.close();
    }

    /** Nobody is told. */
    private static final class Ignored implements ValueReader.Found {

        @Override
        public void state(byte[] key, State state) {
            // There is no such key.
        }

        @Override
        public void large(byte[] key) {
            // It would be read in windows.
        }

        @Override
        public void beyondLimit(byte[] key, long memory) {
            // There is no such key.
        }

        @Override
        public void elsewhere(byte[] key) {
            // Its slot is another node's: it may be asked for, which is what was to be known.
        }
    }
}
