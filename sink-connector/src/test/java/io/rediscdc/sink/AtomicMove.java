package io.rediscdc.sink;

/**
 * A slot that moves as a whole, and what the history of its new shard says of that.
 *
 * @param hashSlot the slot, as Redis numbers it
 * @param trims whether it leaves no trace in the history of where the keys were, as in Redis; Valkey unlinks each
 */
record AtomicMove(String name, int hashSlot, boolean trims) {

    String[] begin() {
        return trims
                ? task("connecting")
                : new String[] {
                    "CLUSTER",
                    "SYNCSLOTS",
                    "ESTABLISH",
                    "SOURCE",
                    "x",
                    "NAME",
                    name,
                    "SLOTSRANGE",
                    "" + hashSlot,
                    "" + hashSlot
                };
    }

    String[] end(boolean success) {
        return trims
                ? task(success ? "completed" : "failed")
                : new String[] {"CLUSTER", "SYNCSLOTS", "FINISH", "STATE", success ? "SUCCESS" : "FAILED", "NAME", name
                };
    }

    private String[] task(String state) {
        return new String[] {
            "CLUSTER", "SYNCSLOTS", "CONF", "ASM-TASK", name + ":x:y:import:" + state + ":" + hashSlot + "-" + hashSlot
        };
    }
}
