package io.rediscdc.sink.sweep;

import java.lang.invoke.MethodHandles;
import java.lang.invoke.VarHandle;
import java.nio.ByteOrder;

/**
 * 64 bits that stand for a key of a database: XXH64 (Yann Collet, public specification in doc/xxhash_spec.md of xxHash)
 * with the database number as seed. Of n keys, two are taken for the same with a probability of about n² / 2^65: 3e-8 for
 * a million.
 */
public final class Fingerprint {

    private static final long P1 = 0x9E3779B185EBCA87L;
    private static final long P2 = 0xC2B2AE3D27D4EB4FL;
    private static final long P3 = 0x165667B19E3779F9L;
    private static final long P4 = 0x85EBCA77C2B2AE63L;
    private static final long P5 = 0x27D4EB2F165667C5L;

    private static final VarHandle LONGS = MethodHandles.byteArrayViewVarHandle(long[].class, ByteOrder.LITTLE_ENDIAN);
    private static final VarHandle INTS = MethodHandles.byteArrayViewVarHandle(int[].class, ByteOrder.LITTLE_ENDIAN);

    private Fingerprint() {}

    public static long of(int db, byte[] key) {
        int length = key.length;
        int at = 0;
        long hash;
        if (length >= 32) {
            long a = db + P1 + P2;
            long b = db + P2;
            long c = db;
            long d = db - P1;
            for (; at <= length - 32; at += 32) {
                a = round(a, (long) LONGS.get(key, at));
                b = round(b, (long) LONGS.get(key, at + 8));
                c = round(c, (long) LONGS.get(key, at + 16));
                d = round(d, (long) LONGS.get(key, at + 24));
            }
            hash = Long.rotateLeft(a, 1) + Long.rotateLeft(b, 7) + Long.rotateLeft(c, 12) + Long.rotateLeft(d, 18);
            hash = merge(merge(merge(merge(hash, a), b), c), d);
        } else {
            hash = db + P5;
        }
        hash += length;
        for (; at <= length - 8; at += 8) {
            hash = Long.rotateLeft(hash ^ round(0, (long) LONGS.get(key, at)), 27) * P1 + P4;
        }
        if (at <= length - 4) {
            hash = Long.rotateLeft(hash ^ (((int) INTS.get(key, at) & 0xFFFFFFFFL) * P1), 23) * P2 + P3;
            at += 4;
        }
        for (; at < length; at++) {
            hash = Long.rotateLeft(hash ^ ((key[at] & 0xFF) * P5), 11) * P1;
        }
        hash = (hash ^ (hash >>> 33)) * P2;
        hash = (hash ^ (hash >>> 29)) * P3;
        return hash ^ (hash >>> 32);
    }

    private static long round(long lane, long input) {
        return Long.rotateLeft(lane + input * P2, 31) * P1;
    }

    private static long merge(long hash, long lane) {
        return (hash ^ round(0, lane)) * P1 + P4;
    }
}
