package io.rediscdc.model;

/**
 * The whole state of a key.
 *
 * @param type string, list, set, zset, hash, stream, or the name of a module's type
 * @param dump what DUMP returns: type byte, value, RDB version (2 bytes), CRC64 (8 bytes); not copied
 * @param flavour whose RDB dialect the dump is in
 * @param rdbVersion RDB version of the dump, as in its footer
 * @param expireAtMs when it expires, ms since 1970; null for never
 * @param idle seconds since the last access, null if the source did not say
 * @param freq LFU counter, null if the source did not say; never together with {@code idle}
 */
public record State(
        String type, byte[] dump, Flavour flavour, int rdbVersion, Long expireAtMs, Long idle, Integer freq) {}
