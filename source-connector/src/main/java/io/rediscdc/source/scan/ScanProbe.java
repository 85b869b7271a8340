package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.model.State;
import java.util.List;

/** Finds out whether a server lets itself be read by SCAN, without reading it. */
public final class ScanProbe {

    private ScanProbe() {}

    /**
     * Tries what will be needed.
     *
     * @throws RedisCdcException CONNECTION if no server can be reached; CONFIG or UNSUPPORTED with what is missing
     */
    public static void run(ScanOptions options) {
        try (LinkOwner owner = new LinkOwner()) {
            ScanNodes.Found server = ScanNodes.find(options, null, owner);
            new ScanWalker(server.link(), options, List.of(0), 0, "0").next();
            new BatchReader(server.link(), options, server.facts())
                    .read(0, List.of(ServerFacts.probe()), new Ignored());
        }
    }

    /** Nobody is told. */
    private static final class Ignored implements BatchReader.Found {

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
    }
}
