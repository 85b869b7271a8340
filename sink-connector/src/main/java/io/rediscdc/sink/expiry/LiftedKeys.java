package io.rediscdc.sink.expiry;

import io.rediscdc.model.ChangeKey;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;

/**
 * Which keys have a lifted expire time at the target, as far as that is known: a bounded number of names, or that there
 * may be any number of them anywhere. Not thread-safe.
 */
public final class LiftedKeys {

    /** About 10 MB of keys as long as usual ones. */
    static final int MAX_KEYS = 50_000;

    private final Set<ChangeKey> keys = new LinkedHashSet<>();
    private boolean anywhere;

    /** A key's time was lifted. */
    void add(ChangeKey key) {
        if (anywhere) {
            return;
        }
        keys.add(key);
        if (keys.size() > MAX_KEYS) {
            loseTrack();
        }
    }

    /** Lifted times may be under names that are not known. */
    public void loseTrack() {
        keys.clear();
        anywhere = true;
    }

    /** Whether all keys of the target have to be looked at. */
    public boolean areAnywhere() {
        return anywhere;
    }

    /** All keys are being looked at: those to come are to be remembered again. */
    public void lookingEverywhere() {
        anywhere = false;
    }

    public boolean isEmpty() {
        return keys.isEmpty() && !anywhere;
    }

    /** Takes out some of one database. */
    public List<ChangeKey> poll(int max) {
        List<ChangeKey> polled = new ArrayList<>();
        Iterator<ChangeKey> all = keys.iterator();
        while (all.hasNext() && polled.size() < max) {
            ChangeKey key = all.next();
            if (polled.isEmpty() || polled.get(0).db() == key.db()) {
                polled.add(key);
                all.remove();
            }
        }
        return polled;
    }
}
