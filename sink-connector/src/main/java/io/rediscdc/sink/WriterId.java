package io.rediscdc.sink;

import java.util.UUID;

/**
 * Who writes a checkpoint. The term grows with each claim, so that of two writers that meet at a checkpoint the later is
 * known, and a target that lost its last writes is told from one that somebody else took over.
 */
record WriterId(long term, String token) implements Comparable<WriterId> {

    static final WriterId NOBODY = new WriterId(0, "");

    static WriterId parse(String text) {
        int dash = text.indexOf('-');
        if (dash < 1) {
            throw new IllegalArgumentException("not a writer (term-token): '" + text + "'");
        }
        return new WriterId(Long.parseLong(text.substring(0, dash)), text.substring(dash + 1));
    }

    /** Somebody new, who comes after this one. */
    WriterId successor() {
        return new WriterId(term + 1, UUID.randomUUID().toString());
    }

    /** The later one is greater; of two with the same term, which claimed at once, any, but always the same. */
    @Override
    public int compareTo(WriterId other) {
        int byTerm = Long.compare(term, other.term);
        return byTerm != 0 ? byTerm : token.compareTo(other.token);
    }

    @Override
    public String toString() {
        return term + "-" + token;
    }
}
