package io.rediscdc.sink;

import io.rediscdc.model.ChangeKey;
import io.rediscdc.model.RepairRequest;
import io.rediscdc.sink.target.TargetConnection;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Supplier;

/**
 * Keys whose states are to be asked of the source. They stand in a set at the target, beside the checkpoint and written together
 * with it, so that a task which takes over asks on. In memory are not more than {@link #MAX_KEYS}; others stand in the set only,
 * until these are healed. Not thread-safe.
 */
final class OwedKeys {

    static final int MAX_KEYS = 50_000;

    private static final int MAX_AT_ONCE = 1_000;

    private final CheckpointKey key;
    private final WriterMetrics metrics;

    private final Map<ChangeKey, Debt> owed = new LinkedHashMap<>();

    /** What the set is to be told: true for a key to add, false for one to remove. */
    private final Map<ChangeKey, Boolean> news = new LinkedHashMap<>();

    private boolean setIsOver;
    private boolean moreInSet;

    OwedKeys(CheckpointKey key, WriterMetrics metrics) {
        this.key = key;
        this.metrics = metrics;
    }

    /** Forgets all, which says nothing of the set. */
    void clear() {
        owed.clear();
        news.clear();
        setIsOver = false;
        moreInSet = false;
        metrics.owes(0);
    }

    /** Takes what is in the set, or as much of it as is held. */
    void fill(TargetConnection target, Supplier<Debt> unknown) {
        moreInSet = false;
        target.reader().members(key.repairs(), member -> {
            if (owed.size() < MAX_KEYS) {
                owed.computeIfAbsent(RepairRequest.parse(member), absent -> unknown.get());
            } else {
                moreInSet = true;
            }
            return !moreInSet;
        });
        metrics.owes(owed.size());
    }

    /** Null for a key that is not owed, or only by the set. */
    Debt of(ChangeKey wanted) {
        return owed.isEmpty() ? null : owed.get(wanted);
    }

    /** A key is owed, if it was not. Returns null if it is by the set only. */
    Debt add(ChangeKey added, Supplier<Debt> absent) {
        Debt debt = owed.get(added);
        if (debt == null && owed.size() < MAX_KEYS) {
            debt = absent.get();
            owed.put(added, debt);
            metrics.owes(owed.size());
        }
        moreInSet |= debt == null;
        return debt;
    }

    /** The set is to be told that a key is owed. */
    void announce(ChangeKey added) {
        news.put(added, true);
    }

    /** A key is not owed any more. */
    void remove(ChangeKey healed) {
        if (owed.containsKey(healed) || moreInSet) {
            owed.remove(healed);
            news.put(healed, false);
            metrics.owes(owed.size());
        }
    }

    /** None is. */
    void removeAll() {
        if (areSome()) {
            owed.clear();
            news.clear();
            moreInSet = false;
            setIsOver = true;
            metrics.owes(0);
        }
    }

    /** Whether none is held. */
    boolean isEmpty() {
        return owed.isEmpty();
    }

    /** Whether there are some, held or in the set. */
    boolean areSome() {
        return !owed.isEmpty() || moreInSet;
    }

    /** Those that are held, in the order in which they came. */
    Map<ChangeKey, Debt> held() {
        return owed;
    }

    /** Whether the set is to be told something. */
    boolean hasNews() {
        return setIsOver || !news.isEmpty();
    }

    /** The set may not have been told, or have gone. */
    void noteAgain() {
        owed.keySet().forEach(this::announce);
    }

    /** Adds to a batch what the set is to be told. */
    void note(Batch batch) {
        if (setIsOver) {
            batch.unlink(0, List.of(key.repairs()));
            setIsOver = false;
        }
        note(batch, "SREM", false);
        note(batch, "SADD", true);
        news.clear();
    }

    private void note(Batch batch, String command, boolean adding) {
        List<byte[]> members = new ArrayList<>();
        news.forEach((each, added) -> {
            if (added == adding) {
                members.add(RepairRequest.encode(each));
            }
        });
        for (int from = 0; from < members.size(); from += MAX_AT_ONCE) {
            Collection<byte[]> some = members.subList(from, Math.min(members.size(), from + MAX_AT_ONCE));
            batch.alterSet(command, key.repairs(), some);
        }
    }
}
