package io.rediscdc.sink;

import io.rediscdc.model.Change;
import io.rediscdc.slot.Slot;

/** The slot of a record's key; of a command's first one. A record says it; one of a source that did not has it computed. */
final class FirstSlot {

    static final int NONE = -1;

    private FirstSlot() {}

    /** Returns {@link #NONE} for what has no key. Not for a command of which keys were left out here. */
    static int of(Change change) {
        Integer said = change.stamp().slot();
        if (said != null) {
            return said;
        }
        return switch (change.op()) {
            case SET, DEL -> Slot.of(change.key().key());
            case COMMAND ->
                change.command().keys().length == 0
                        ? NONE
                        : Slot.of(change.command().args()[change.command().keys()[0]]);
            default -> NONE;
        };
    }
}
