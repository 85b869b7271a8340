package io.rediscdc.source.scan;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.model.ChangeKey;
import java.util.ArrayList;
import java.util.List;

/** Lists the keys of slots of a cluster's node. Not thread-safe. */
final class SlotKeys {

    private static final int MOST = 100_000;

    private final ScanLink link;
    private final ScanOptions options;

    SlotKeys(ScanLink link, ScanOptions options) {
        this.link = link;
        this.options = options;
    }

    /**
     * The keys that are to be read.
     *
     * @throws ChangesMissedException if there are too many to be listed at a time: all has to be read again
     */
    List<byte[]> of(int slot) {
        String number = Integer.toString(slot);
        Reply count = link.call("CLUSTER", "COUNTKEYSINSLOT", number);
        if (!(count instanceof Reply.Int keys)) {
            throw ScanRights.refused(link, options, "CLUSTER COUNTKEYSINSLOT", count);
        }
        if (keys.value() > MOST) {
            throw new ChangesMissedException(
                    "a slot with " + keys.value() + " keys has come to " + link.node() + ", too many to be listed");
        }
        // Some may come meanwhile.
        Reply reply = link.call("CLUSTER", "GETKEYSINSLOT", number, Integer.toString(MOST + MOST / 10));
        if (!(reply instanceof Reply.Array array)) {
            throw ScanRights.refused(link, options, "CLUSTER GETKEYSINSLOT", reply);
        }
        List<byte[]> found = new ArrayList<>();
        for (Reply key : array.elements()) {
            byte[] bytes = ((Reply.Bulk) key).bytes();
            if (options.reads(new ChangeKey(0, bytes))) {
                found.add(bytes);
            }
        }
        return found;
    }
}
