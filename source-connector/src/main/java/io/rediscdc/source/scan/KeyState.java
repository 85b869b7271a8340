package io.rediscdc.source.scan;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.State;

/**
 * What has been found of a key, or a piece of it.
 *
 * @param state null if there is no such key, or nothing is to be said of it
 * @param deleted whether there is no such key
 * @param page the page that it is of; null for what is read because it changed, and for all pieces but the last
 * @param askedMs when the server was asked for it because somebody wanted it, ms since 1970; 0 if nobody did
 */
record KeyState(ChangeKey key, State state, boolean deleted, ScanPage page, long askedMs) {

    private static final int OVERHEAD = 100;

    /** What nobody asked for. */
    KeyState(ChangeKey key, State state, boolean deleted, ScanPage page) {
        this(key, state, deleted, page, 0);
    }

    /** What it takes in memory, about. */
    int bytes() {
        int bytes = OVERHEAD + key.key().length;
        if (state != null && state.piece() != null) {
            bytes += state.piece().data().length;
        } else if (state != null && state.value() instanceof ReplyValue value) {
            bytes += value.bytes();
        } else if (state != null) {
            bytes += state.dump().length;
        }
        return bytes;
    }
}
