package io.rediscdc.standalone.redis;

import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Where a server is and who we are there: {@code redis://[user:password@]host[:port][/db]}, in the form registered with
 * IANA. User and password may be percent-encoded; an empty user is the default one.
 *
 * @param host name or address, IPv6 without brackets
 * @param port 6379 if the URI names none
 * @param user null for the default user
 * @param password null for none
 * @param database null if the URI names none
 */
public record RedisUri(String host, int port, String user, String password, Integer database) {

    private static final Pattern FORM = Pattern.compile(
            "redis://(?:(?<user>[^@]*)@)?(?<host>\\[[0-9a-fA-F:.%]+]|[^:/@\\[\\]]+)(?::(?<port>[^/]*))?(?:/(?<db>.*))?");
    private static final String EXPECTED = "expected redis://[user:password@]host[:port][/db]";

    /**
     * Reads one; the messages for what cannot be read hold nothing of the text, since it may hold a password.
     *
     * @throws IllegalArgumentException saying what is wrong with it
     */
    public static RedisUri parse(String text) {
        if (text.startsWith("rediss://")) {
            throw new IllegalArgumentException("TLS (rediss://) is not yet supported; use redis://");
        }
        if (text.startsWith("redis-sentinel://") || text.startsWith("redis-cluster://")) {
            throw new IllegalArgumentException("Sentinel and cluster addresses are not yet supported; name one server");
        }
        if (!text.startsWith("redis://")) {
            throw new IllegalArgumentException("an address starts with redis://: " + EXPECTED);
        }
        // The last @ ends the credentials: passwords with an @ are often pasted as they are.
        Matcher matcher = FORM.matcher(escapeInnerAts(text));
        if (!matcher.matches()) {
            throw new IllegalArgumentException("not an address: " + EXPECTED);
        }
        String host = matcher.group("host");
        String[] credentials = credentials(matcher.group("user"));
        return new RedisUri(
                host.startsWith("[") ? host.substring(1, host.length() - 1) : host,
                number("port", matcher.group("port"), 6379, 1, 65535),
                credentials[0],
                credentials[1],
                number("database", matcher.group("db"), null, 0, Integer.MAX_VALUE));
    }

    /** host:port, as the connectors' {@code redis.address} wants it. */
    public String address() {
        return (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    /** Without password: for people to read. */
    @Override
    public String toString() {
        return "redis://" + (user == null ? "" : user + "@") + address() + (database == null ? "" : "/" + database);
    }

    private static String escapeInnerAts(String text) {
        int end = text.lastIndexOf('@');
        int start = "redis://".length();
        return end < 0
                ? text
                : text.substring(0, start) + text.substring(start, end).replace("@", "%40") + text.substring(end);
    }

    private static String[] credentials(String text) {
        if (text == null || text.isEmpty()) {
            return new String[] {null, null};
        }
        int colon = text.indexOf(':');
        if (colon < 0) {
            throw new IllegalArgumentException(
                    "is what stands before the @ a user or a password? Write redis://user:password@host, or "
                            + "redis://:password@host for the default user");
        }
        String user = decode(text.substring(0, colon));
        String password = decode(text.substring(colon + 1));
        return new String[] {user.isEmpty() ? null : user, password.isEmpty() ? null : password};
    }

    private static String decode(String text) {
        try {
            return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException(
                    "user and password: a % must be followed by two hex digits (%25 is a %)");
        }
    }

    private static Integer number(String what, String text, Integer otherwise, int least, int most) {
        if (text == null || text.isEmpty()) {
            return otherwise;
        }
        try {
            int number = Integer.parseInt(text);
            if (number >= least && number <= most) {
                return number;
            }
        } catch (NumberFormatException e) {
            throw new IllegalArgumentException("the " + what + " is not a number: " + EXPECTED, e);
        }
        throw new IllegalArgumentException("the " + what + " must be from " + least + " to " + most);
    }
}
