package io.rediscdc.sink.expiry;

/** How the expire times that a flow has brought stand at its target. Kept in the checkpoint. */
public enum TtlState {
    /** They are the source's. The target lets keys die by its own clock. */
    EXACT("exact"),
    /** All are lifted out of reach, and have been since the snapshot began: no key can have died before its time. */
    LIFTED("lifted"),
    /** Some are lifted, some are not: a key may have died at the target that the history still changes or renews. */
    MIXED("mixed");

    private final String text;

    TtlState(String text) {
        this.text = text;
    }

    /** As the checkpoint says it. */
    public String text() {
        return text;
    }

    /** The cautious one for what is not known, and for checkpoints that do not say it. */
    public static TtlState of(String text) {
        for (TtlState state : values()) {
            if (state.text.equals(text)) {
                return state;
            }
        }
        return MIXED;
    }
}
