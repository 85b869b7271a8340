package io.rediscdc.source.scan;

import io.rediscdc.model.State;
import java.util.List;

/** Reads the states of keys, several at a time. What would be too large for a record is only named. Not thread-safe. */
interface ValueReader {

    /** Takes what was found of a key. */
    interface Found {

        /** It is in this state; null for no such key. */
        void state(byte[] key, State state);

        /** It has to be read in another way. */
        void large(byte[] key);

        /** It is left out: it takes that much memory. */
        void beyondLimit(byte[] key, long memory);

        /** Of a cluster: it is not here, and whether it is anywhere is not for this node to say. */
        void elsewhere(byte[] key);
    }

    /**
     * Reads keys of a database.
     *
     * @throws io.rediscdc.error.RedisCdcException CONNECTION, or CONFIG if the user may not
     */
    void read(int db, List<byte[]> keys, Found found);

    /** What a server is read with. */
    static ValueReader of(ScanLink link, ScanOptions options, ServerFacts facts) {
        return facts.clustered() ? new ClusterBatchReader(link, options, facts) : new BatchReader(link, options, facts);
    }
}
