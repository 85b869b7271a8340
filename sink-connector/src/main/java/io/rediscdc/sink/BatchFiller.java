package io.rediscdc.sink;

import io.rediscdc.sink.expiry.Expiry;

/** Puts what comes next into the batch that is being encoded, as this target is to execute it. Not thread-safe. */
final class BatchFiller {

    private final Expiry expiry;
    private final Repairs repairs;
    private final Divergences divergences;
    private final Omissions omissions;
    private final DatabaseRouting databases;
    private final Admission admission;
    private final ChangeEncoder encoder;
    private final ExistingKeys existing;
    private final LargeValues large;

    /** Null where the target is no cluster. */
    private final SlotRouting routing;

    private final boolean exactlyOnce;
    private final Standing standing;
    private final Outbox outbox;

    BatchFiller(WriterParts parts, Standing standing, Outbox outbox) {
        this.expiry = parts.expiry;
        this.repairs = parts.repairs;
        this.divergences = parts.divergences;
        this.omissions = parts.omissions;
        this.databases = parts.databaseRouting;
        this.admission = parts.admission;
        this.encoder = parts.encoder;
        this.existing = parts.existing;
        this.large = parts.large;
        this.routing = parts.routing;
        this.exactlyOnce = parts.session.mode() == DeliveryMode.EXACTLY_ONCE;
        this.standing = standing;
        this.outbox = outbox;
    }

    /** Adds a record, or if nothing of it is to be executed here, only that the history goes on. */
    void add(Delivery read) {
        Delivery taken = databases.route(read);
        if (taken == null) {
            expiry.see(SlotRouting.passed(read).change());
            outbox.current().pass(read, encoder);
            encoded(read);
            return;
        }
        expiry.see(taken.change());
        if (!admission.admits(taken)) {
            outbox.current().pass(taken, encoder);
            encoded(taken);
            return;
        }
        Delivery routed = routing == null ? taken : routing.route(taken);
        Delivery next = routed == null ? SlotRouting.passed(taken) : routed;
        apply(next);
        encoded(next);
    }

    private void apply(Delivery next) {
        Batch batch = outbox.current();
        repairs.see(next.change());
        if (divergences.areSuspected()) {
            batch.suspects().see(next.change());
        }
        boolean first = existing.matter() && standing.progress().shard(next).isInFirstSnapshot();
        if (first) {
            existing.check(next);
        }
        batch.add(next, encoder);
        if (first) {
            existing.see(next, batch);
        }
        omissions.settle(next);
    }

    /** Without exactly-once, the checkpoint does not pass the first piece of a large value before the last one is there. */
    private void encoded(Delivery next) {
        if (exactlyOnce || !large.isOpen(next.change().stamp().origin().shard())) {
            standing.progress().encoded(next);
        }
    }
}
