package io.rediscdc.command.rebuild;

import io.rediscdc.model.Flavour;

/**
 * What the commands of a target can express.
 *
 * @param streams XADD and the like: Redis 5.0
 * @param createConsumer XGROUP CREATECONSUMER: 6.2
 * @param streamCounters ENTRIESREAD, ENTRIESADDED, MAXDELETEDID: 7.0
 * @param claimNeedsEntry XCLAIM FORCE leaves out ids of which the stream has no entry: from 7.0 on
 * @param hashFieldExpiry HPEXPIREAT: Redis 7.4, Valkey 9
 * @param wideHset HSET of several fields: 4.0; HMSET before
 */
public record TargetAbilities(
        boolean streams,
        boolean createConsumer,
        boolean streamCounters,
        boolean claimNeedsEntry,
        boolean hashFieldExpiry,
        boolean wideHset) {

    /** Of a server of that version, as INFO says it: redis_version, or valkey_version where there is one. */
    public static TargetAbilities of(Flavour flavour, int major, int minor) {
        if (flavour == Flavour.VALKEY) {
            return new TargetAbilities(true, true, true, true, major >= 9, true);
        }
        int version = 100 * major + minor;
        return new TargetAbilities(
                version >= 500, version >= 602, version >= 700, version >= 700, version >= 704, version >= 400);
    }
}
