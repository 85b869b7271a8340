package io.rediscdc.source.scan;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import io.rediscdc.format.rdb.value.ValueVisitor;
import io.rediscdc.format.resp.Reply;
import io.rediscdc.format.resp.RespBuffer;
import io.rediscdc.format.resp.ServerTime;
import io.rediscdc.model.ChangeKey;
import java.nio.charset.StandardCharsets;
import java.util.List;

/**
 * Reads one value at a time by the commands of its type, a window after the other, so that none of it is in memory as a
 * whole, here or in a reply. WATCH tells whether it changed meanwhile. Not thread-safe.
 */
final class WindowReader {

    /** What a window has at most of a string, and about of others. */
    private static final int WINDOW_BYTES = 256 * 1024;

    private static final int FIRST_ELEMENTS = 64;
    private static final int MOST_ELEMENTS = 2_000;

    /** Commands of {@link #probe}. */
    private static final int PROBES = 11;

    /**
     * What is said of the value as a whole.
     *
     * @param type as TYPE names it; {@code none} where there is no such key, or another node of a cluster has it
     * @param expireAtMs ms since 1970, null for never
     */
    record Head(String type, Long expireAtMs) {

        /** There is no such key here. */
        private static final Head NONE = new Head("none", null);

        boolean isNone() {
            return type.equals("none");
        }
    }

    private final ScanLink link;
    private final ScanOptions options;
    private final ServerFacts facts;
    private boolean watched;
    private int elements;

    WindowReader(ScanLink link, ScanOptions options, ServerFacts facts) {
        this.link = link;
        this.options = options;
        this.facts = facts;
    }

    /** Looks at a key, and notes from here on whether it changes. */
    Head begin(ChangeKey key) {
        RespBuffer commands = link.commands();
        int selects = link.select(key.db());
        commands.command("UNWATCH");
        commands.command(ascii("WATCH"), key.key());
        commands.command(ascii("TYPE"), key.key());
        commands.command("TIME");
        commands.command(ascii(facts.exactExpiry() ? "PEXPIRETIME" : "PTTL"), key.key());
        link.flush();
        if (selects > 0) {
            text("SELECT");
        }
        link.reply();
        watched = !link.reply().isFailure();
        Reply typed = link.reply();
        Reply time = link.reply();
        Reply expiry = link.reply();
        if (facts.clustered() && typed.isFailure() && isElsewhere(typed.text())) {
            return Head.NONE;
        }
        if (!(typed instanceof Reply.Status status)) {
            throw ScanRights.refused(link, options, "TYPE", typed);
        }
        String type = status.line();
        if (!(expiry instanceof Reply.Int expires)) {
            throw ScanRights.refused(link, options, facts.exactExpiry() ? "PEXPIRETIME" : "PTTL", expiry);
        }
        if (expires.value() < 0) {
            return new Head(type, null);
        }
        if (facts.exactExpiry()) {
            return new Head(type, expires.value());
        }
        if (time.isFailure()) {
            throw ScanRights.refused(link, options, "TIME", time);
        }
        return new Head(type, ServerTime.millis(time) + expires.value());
    }

    /** Of a cluster: the slot is another node's, or on its way there and the key has gone. */
    private static boolean isElsewhere(String refusal) {
        return refusal.startsWith("MOVED ") || refusal.startsWith("ASK ");
    }

    /**
     * Asks whether values may be read, each type's. A server that has no streams may say so.
     *
     * @param none a key that nobody has
     * @throws RedisCdcException CONFIG if the user may not
     */
    void probe(byte[] none) {
        RespBuffer commands = link.commands();
        commands.begin(4).arg("GETRANGE").arg(none).arg(0).arg(0);
        commands.command(ascii("STRLEN"), none);
        commands.begin(4).arg("LRANGE").arg(none).arg(0).arg(0);
        for (String scan : List.of("HSCAN", "SSCAN", "ZSCAN")) {
            commands.begin(3).arg(scan).arg(none).arg(0);
        }
        commands.begin(4).arg("XRANGE").arg(none).arg("-").arg("+");
        commands.begin(3).arg("XINFO").arg("STREAM").arg(none);
        commands.begin(3).arg("XINFO").arg("GROUPS").arg(none);
        commands.begin(4).arg("XINFO").arg("CONSUMERS").arg(none).arg(none);
        commands.begin(3).arg("XPENDING").arg(none).arg(none);
        link.flush();
        Reply refusal = null;
        for (int i = 0; i < PROBES; i++) {
            Reply reply = link.reply();
            if (refusal == null && reply.isFailure() && reply.text().startsWith("NOPERM")) {
                refusal = reply;
            }
        }
        if (refusal != null) {
            throw ScanRights.refused(link, options, "the reading of a value", refusal);
        }
    }

    /** Whether the key has not changed since {@link #begin}; true where that cannot be said. */
    boolean end() {
        if (!watched) {
            return true;
        }
        link.commands().command("MULTI").command("PING").command("EXEC");
        link.flush();
        link.reply();
        link.reply();
        return !(link.reply() instanceof Reply.Nil);
    }

    /**
     * Reads the value.
     *
     * @param type as {@link #begin} said
     * @throws RedisCdcException UNSUPPORTED for types of modules
     */
    void read(ChangeKey key, String type, ValueVisitor to) {
        elements = FIRST_ELEMENTS;
        byte[] name = key.key();
        switch (type) {
            case "string" -> string(name, to);
            case "list" -> list(name, to);
            case "hash" -> hash(name, to);
            case "set" -> scan("SSCAN", name, 1, found -> to.setMember(bytes(found.get(0))));
            case "zset" -> scan("ZSCAN", name, 2, found -> to.zsetMember(bytes(found.get(0)), score(found.get(1))));
            case "stream" -> new StreamWindows(link, options).read(name, to.stream());
            default ->
                throw new RedisCdcException(
                        Category.UNSUPPORTED,
                        "values of modules can be read by DUMP only, if they are no larger than max.record.bytes = "
                                + options.maxRecordBytes() + "; raise it, or leave such keys out by scan.match or"
                                + " scan.type");
        }
    }

    private void string(byte[] key, ValueVisitor to) {
        int window = Math.min(WINDOW_BYTES, options.maxRecordBytes() / 4 - 128);
        link.commands().command(ascii("STRLEN"), key);
        link.flush();
        long length = number("STRLEN");
        long at = 0;
        boolean last;
        do {
            link.commands().begin(4).arg("GETRANGE").arg(key).arg(at).arg(at + window - 1);
            link.flush();
            Reply reply = link.reply();
            if (!(reply instanceof Reply.Bulk bulk)) {
                throw ScanRights.refused(link, options, "GETRANGE", reply);
            }
            at += window;
            // It may have become shorter.
            last = at >= length || bulk.bytes().length < window;
            to.string(bulk.bytes(), last);
        } while (!last);
    }

    private void list(byte[] key, ValueVisitor to) {
        long at = 0;
        while (true) {
            link.commands().begin(4).arg("LRANGE").arg(key).arg(at).arg(at + elements - 1);
            link.flush();
            List<Reply> window = array("LRANGE");
            if (window.isEmpty()) {
                return;
            }
            at += window.size();
            long size = 0;
            for (Reply element : window) {
                size += bytes(element).length;
                to.listElement(bytes(element));
            }
            adapt(window.size(), size);
        }
    }

    private void hash(byte[] key, ValueVisitor to) {
        String cursor = "0";
        do {
            List<Reply> page = page("HSCAN", key, cursor);
            cursor = page.get(0).text();
            List<Reply> fields = ((Reply.Array) page.get(1)).elements();
            List<Reply> expiries = expiries(key, fields);
            for (int i = 0; i < fields.size(); i += 2) {
                long expireAtMs = expiries.isEmpty() ? ValueVisitor.NEVER : ((Reply.Int) expiries.get(i / 2)).value();
                // -2: it is gone by now.
                if (expireAtMs >= ValueVisitor.NEVER) {
                    to.hashField(bytes(fields.get(i)), bytes(fields.get(i + 1)), expireAtMs);
                }
            }
        } while (!cursor.equals("0"));
    }

    /** When fields expire, -1 for never; empty if none does. */
    private List<Reply> expiries(byte[] key, List<Reply> fields) {
        if (!facts.fieldsExpire() || fields.isEmpty()) {
            return List.of();
        }
        RespBuffer commands = link.commands();
        commands.begin(4 + fields.size() / 2)
                .arg("HPEXPIRETIME")
                .arg(key)
                .arg("FIELDS")
                .arg(fields.size() / 2);
        for (int i = 0; i < fields.size(); i += 2) {
            commands.arg(bytes(fields.get(i)));
        }
        link.flush();
        Reply reply = link.reply();
        return reply instanceof Reply.Array array ? array.elements() : List.of();
    }

    /** Takes the elements of a page, each of several replies. */
    private interface Element {
        void take(List<Reply> found);
    }

    private void scan(String command, byte[] key, int each, Element to) {
        String cursor = "0";
        do {
            List<Reply> page = page(command, key, cursor);
            cursor = page.get(0).text();
            List<Reply> found = ((Reply.Array) page.get(1)).elements();
            for (int i = 0; i < found.size(); i += each) {
                to.take(found.subList(i, i + each));
            }
        } while (!cursor.equals("0"));
    }

    private List<Reply> page(String command, byte[] key, String cursor) {
        link.commands().begin(5).arg(command).arg(key).arg(cursor).arg("COUNT").arg(elements);
        link.flush();
        List<Reply> page = array(command);
        long size = 0;
        List<Reply> found = ((Reply.Array) page.get(1)).elements();
        for (Reply element : found) {
            size += bytes(element).length;
        }
        adapt(found.size(), size);
        return page;
    }

    /** So many that they have about the size of a window. */
    private void adapt(int found, long bytes) {
        if (found > 0) {
            long each = Math.max(1, bytes / found);
            elements = (int) Math.max(1, Math.min(Math.min(MOST_ELEMENTS, 2L * elements), WINDOW_BYTES / each));
        }
    }

    private List<Reply> array(String command) {
        Reply reply = link.reply();
        if (!(reply instanceof Reply.Array array)) {
            throw ScanRights.refused(link, options, command, reply);
        }
        return array.elements();
    }

    private long number(String command) {
        Reply reply = link.reply();
        if (!(reply instanceof Reply.Int number)) {
            throw ScanRights.refused(link, options, command, reply);
        }
        return number.value();
    }

    private String text(String command) {
        Reply reply = link.reply();
        if (!(reply instanceof Reply.Status status)) {
            throw ScanRights.refused(link, options, command, reply);
        }
        return status.line();
    }

    static byte[] bytes(Reply reply) {
        return ((Reply.Bulk) reply).bytes();
    }

    static double score(Reply reply) {
        String text = reply.text();
        return switch (text) {
            case "inf", "+inf" -> Double.POSITIVE_INFINITY;
            case "-inf" -> Double.NEGATIVE_INFINITY;
            case "nan", "-nan" -> Double.NaN;
            default -> Double.parseDouble(text);
        };
    }

    private static byte[] ascii(String text) {
        return text.getBytes(StandardCharsets.US_ASCII);
    }
}
