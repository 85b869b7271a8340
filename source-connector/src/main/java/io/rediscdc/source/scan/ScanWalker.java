package io.rediscdc.source.scan;

import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.RespBuffer;
import java.util.ArrayList;
import java.util.List;

/** Goes through a server's databases by SCAN, page by page. Not thread-safe. */
final class ScanWalker {

    private static final byte[] SCAN = ScanLink.ascii("SCAN");
    private static final byte[] MATCH = ScanLink.ascii("MATCH");
    private static final byte[] COUNT = ScanLink.ascii("COUNT");
    private static final byte[] TYPE = ScanLink.ascii("TYPE");

    /** Keys of a page, without those that nobody else is to have. */
    record Found(int db, List<byte[]> keys, ScanPage page) {}

    private final ScanLink link;
    private final ScanOptions options;
    private final List<Integer> databases;
    private int at;
    private String cursor;

    /**
     * Begins anew, or goes on.
     *
     * @param databases those to go through, ascending
     * @param db from which on
     * @param cursor in that one
     */
    ScanWalker(ScanLink link, ScanOptions options, List<Integer> databases, int db, String cursor) {
        this.link = link;
        this.options = options;
        this.databases = databases.stream().filter(each -> each >= db).toList();
        this.cursor = !this.databases.isEmpty() && this.databases.get(0) == db ? cursor : "0";
    }

    boolean isDone() {
        return at == databases.size();
    }

    /** The next page, which may be empty. Not to be called when it is done. */
    Found next() {
        int db = databases.get(at);
        RespBuffer commands = link.commands();
        int selects = link.select(db);
        int args = 4 + (options.match() == null ? 0 : 2) + (options.type() == null ? 0 : 2);
        commands.begin(args).arg(SCAN).arg(cursor).arg(COUNT).arg(options.count());
        if (options.match() != null) {
            commands.arg(MATCH).arg(options.match());
        }
        if (options.type() != null) {
            commands.arg(TYPE).arg(options.type());
        }
        link.flush();
        if (selects > 0) {
            Reply selected = link.reply();
            if (selected.isFailure()) {
                throw ScanRights.refused(link, options, "SELECT " + db, selected);
            }
        }
        Reply reply = link.reply();
        if (!(reply instanceof Reply.Array array)) {
            throw ScanRights.refused(link, options, "SCAN", reply);
        }
        cursor = array.elements().get(0).text();
        List<byte[]> keys = new ArrayList<>();
        for (Reply key : ((Reply.Array) array.elements().get(1)).elements()) {
            byte[] bytes = ((Reply.Bulk) key).bytes();
            if (options.wants(bytes)) {
                keys.add(bytes);
            }
        }
        boolean ended = cursor.equals("0");
        if (ended) {
            at++;
        }
        return new Found(db, keys, new ScanPage(ended ? db + 1 : db, cursor, keys.size()));
    }
}
