package io.rediscdc.sink;

import io.rediscdc.address.RedisAddress;

/**
 * Where in a cluster a checkpoint stands, and who wrote it.
 *
 * @param owner of its slot
 * @param importer to which it has been moved before the slot was, null if it has not
 */
record HomeSite(int slot, WriterId writer, RedisAddress owner, RedisAddress importer) {

    /** Whether its node answers only to who asks for it. */
    boolean asking() {
        return importer != null;
    }

    RedisAddress address() {
        return importer != null ? importer : owner;
    }
}
