package io.rediscdc.standalone.compare;

import static io.rediscdc.standalone.compare.ServerPair.bytes;

import io.rediscdc.standalone.compare.Difference.Kind;
import io.rediscdc.standalone.compare.ValueComparison.Candidate;
import io.rediscdc.standalone.redis.RedisConnection;
import io.rediscdc.standalone.redis.RedisConnection.BulkComparison;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.LongConsumer;

/**
 * Compares one database at a time. The source is scanned; each page's keys are DUMPed at both ends, the two answers
 * read side by side, and the next page is asked for before this one is read. Equal DUMPs are equal values; the others
 * are compared by type on connections of their own. Then the target is scanned for keys the source lacks.
 */
final class DatabaseComparison {

    /** Receives what differs. */
    interface Findings {
        void differs(byte[] key, Kind kind);
    }

    /** Version and checksum at the end of a DUMP: two versions of the server may hold equal values. */
    private static final int DUMP_FOOTER = 10;

    private static final int MAX_PAGE = 1000;
    /** What a page's DUMPs may amount to: the servers keep it in memory until it is read. */
    private static final long PAGE_BYTES = 4 << 20;

    private static final byte[] RESERVED = bytes(RedisComparison.RESERVED);
    private static final byte[] DUMP = bytes("DUMP");
    private static final byte[] EXISTS = bytes("EXISTS");

    private final ServerPair walking;
    private final ServerPair looking;
    private final ValueComparison values;
    private final byte[] expiry;
    private final long toleranceMs;
    private int pageSize = 100;

    /**
     * @param walking for the scan and the DUMPs
     * @param looking for values that need more than that
     */
    DatabaseComparison(ServerPair walking, ServerPair looking, Duration ttlTolerance) {
        this.walking = walking;
        this.looking = looking;
        this.values = new ValueComparison(looking);
        // The time at which a key expires, where both can say it; else how long it has left, read at the same moment.
        this.expiry = bytes(walking.bothKnow("PEXPIRETIME", "__redis-cdc:none") ? "PEXPIRETIME" : "PTTL");
        this.toleranceMs = ttlTolerance.toMillis();
    }

    void select(int sourceDatabase, int targetDatabase) {
        walking.select(sourceDatabase, targetDatabase);
        looking.select(sourceDatabase, targetDatabase);
    }

    /** Compares all keys of the selected database. */
    void walk(Findings findings, LongConsumer counted) {
        Scan scan = new Scan(walking.source);
        scan.ask(pageSize);
        walking.source.flush();
        List<byte[]> page = scan.read();
        boolean more = askNext(scan, page);
        while (page != null) {
            List<byte[]> next = null;
            if (more) {
                next = scan.read();
                more = askNext(scan, next);
            }
            read(page, findings);
            counted.accept(page.size());
            page = next;
        }
        findExtra(findings, counted);
    }

    /** Sends the question for the page after this one, then those about this one; false if this is the last. */
    private boolean askNext(Scan scan, List<byte[]> page) {
        boolean more = scan.ask(pageSize);
        ask(page);
        walking.flush();
        return more;
    }

    /** Compares the given keys, of which either end may lack any. */
    void examine(List<byte[]> keys, Findings findings) {
        ask(keys);
        walking.flush();
        read(keys, findings);
    }

    private void ask(List<byte[]> keys) {
        for (byte[] key : keys) {
            walking.send(DUMP, key);
            walking.send(expiry, key);
        }
    }

    private void read(List<byte[]> keys, Findings findings) {
        List<Candidate> candidates = new ArrayList<>();
        List<Boolean> ttlsOfCandidates = new ArrayList<>();
        long bytes = 0;
        for (byte[] key : keys) {
            BulkComparison dumps = RedisConnection.compareBulks(walking.source, walking.target, DUMP_FOOTER);
            boolean sameTtl = sameTtl(walking.source.readLong(), walking.target.readLong());
            bytes += Math.max(0, dumps.lengthA()) + Math.max(0, dumps.lengthB());
            if (dumps.lengthA() < 0 || dumps.lengthB() < 0) {
                if (dumps.lengthA() != dumps.lengthB()) {
                    findings.differs(key, dumps.lengthA() < 0 ? Kind.EXTRA : Kind.MISSING);
                }
            } else if (!dumps.same()) {
                candidates.add(new Candidate(key, Math.max(dumps.lengthA(), dumps.lengthB())));
                ttlsOfCandidates.add(sameTtl);
            } else if (!sameTtl) {
                findings.differs(key, Kind.TTL);
            }
        }
        adaptPage(keys.size(), bytes);
        List<Kind> kinds = values.compare(candidates);
        for (int i = 0; i < candidates.size(); i++) {
            Kind kind = kinds.get(i);
            if (kind != null) {
                findings.differs(candidates.get(i).key(), kind);
            } else if (!ttlsOfCandidates.get(i)) {
                findings.differs(candidates.get(i).key(), Kind.TTL);
            }
        }
    }

    private void adaptPage(int keys, long bytes) {
        if (keys > 0) {
            long fitting = PAGE_BYTES / Math.max(1, bytes / keys);
            pageSize = (int) Math.max(1, Math.min(fitting, Math.min(MAX_PAGE, pageSize * 2L)));
        }
    }

    /** -1 is never; -2 a key that has gone since its DUMP, which another look will tell. */
    private boolean sameTtl(long source, long target) {
        return source == target || (source >= 0 && target >= 0 && Math.abs(source - target) <= toleranceMs);
    }

    /** Asks the source about each page of the target's keys at once; only where one is missing, about each of them. */
    private void findExtra(Findings findings, LongConsumer counted) {
        Scan scan = new Scan(walking.target);
        scan.ask(MAX_PAGE);
        walking.target.flush();
        List<byte[]> page = scan.read();
        while (page != null) {
            if (scan.ask(MAX_PAGE)) {
                walking.target.flush();
            }
            if (!page.isEmpty() && countAtSource(page) != page.size()) {
                List<byte[]> extra = absentAtSource(page);
                counted.accept(extra.size());
                extra.forEach(key -> findings.differs(key, Kind.EXTRA));
            }
            page = scan.isOver() ? null : scan.read();
        }
    }

    private long countAtSource(List<byte[]> keys) {
        byte[][] command = new byte[keys.size() + 1][];
        command[0] = EXISTS;
        for (int i = 0; i < keys.size(); i++) {
            command[i + 1] = keys.get(i);
        }
        return (Long) walking.source.call(command);
    }

    private List<byte[]> absentAtSource(List<byte[]> keys) {
        keys.forEach(key -> walking.source.send(EXISTS, key));
        walking.source.flush();
        List<byte[]> absent = new ArrayList<>();
        for (byte[] key : keys) {
            if (walking.source.readLong() == 0) {
                absent.add(key);
            }
        }
        return absent;
    }

    /** A SCAN over one database, without our own keys. */
    private static final class Scan {
        private final RedisConnection connection;
        private byte[] cursor = bytes("0");
        private boolean over;

        Scan(RedisConnection connection) {
            this.connection = connection;
        }

        /** Puts the next SCAN into the pipeline; false, and nothing there, if there is no next page. */
        boolean ask(int count) {
            if (!over) {
                connection.send(bytes("SCAN"), cursor, bytes("COUNT"), bytes(Integer.toString(count)));
            }
            return !over;
        }

        List<byte[]> read() {
            List<?> reply = (List<?>) connection.read();
            cursor = (byte[]) reply.get(0);
            over = cursor.length == 1 && cursor[0] == '0';
            List<byte[]> keys = new ArrayList<>();
            for (Object element : (List<?>) reply.get(1)) {
                byte[] key = (byte[]) element;
                if (!isReserved(key)) {
                    keys.add(key);
                }
            }
            return keys;
        }

        boolean isOver() {
            return over;
        }

        private static boolean isReserved(byte[] key) {
            return key.length >= RESERVED.length
                    && Arrays.equals(key, 0, RESERVED.length, RESERVED, 0, RESERVED.length);
        }
    }
}
