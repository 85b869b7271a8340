package io.rediscdc.source.cluster;

import io.rediscdc.slot.SlotRanges;

/**
 * Which slots a shard has.
 *
 * @param epoch config epoch: of two shards that both say they have a slot, the one with the greater epoch has it
 */
public record Ownership(SlotRanges slots, long epoch) {}
