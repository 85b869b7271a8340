package io.rediscdc.sink;

import io.rediscdc.address.RedisAddress;
import io.rediscdc.slot.SlotRanges;

/**
 * A master of a cluster that is claimed.
 *
 * @param slots what it says
 * @param stable slots that are its own, and stay
 * @param waiting slots that are its own, and are being moved away; or that two nodes say they have, of one of these
 */
record ClusterMaster(RedisAddress address, NodeSlots slots, SlotRanges stable, SlotRanges waiting) {}
