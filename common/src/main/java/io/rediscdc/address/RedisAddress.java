package io.rediscdc.address;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.util.ArrayList;
import java.util.List;

/**
 * Where a Redis server listens.
 *
 * @param host name or address; an IPv6 address without its brackets
 * @param port TCP port, 1 to 65535
 */
public record RedisAddress(String host, int port) {

    public static final int DEFAULT_PORT = 6379;

    /**
     * Reads {@code host:port}, {@code host}, {@code [ipv6]:port} or {@code [ipv6]}. Without a port, it is
     * {@link #DEFAULT_PORT}. What {@link #toString()} wrote is read back.
     *
     * @throws RedisCdcException with category CONFIG if it is none of these; a URI's text is not repeated in the
     *     message, since it may hold a password
     */
    public static RedisAddress parse(String text) {
        return parse(text, DEFAULT_PORT);
    }

    private static RedisAddress parse(String text, int defaultPort) {
        String address = text.trim();
        if (address.isEmpty()) {
            throw bad("is empty");
        }
        if (address.contains("://") || address.indexOf('@') >= 0) {
            throw bad("is a URI: leave out the scheme, and give credentials as username and password of their own");
        }
        if (address.indexOf(',') >= 0) {
            throw bad("'" + address + "' names several servers, of which one is expected");
        }
        if (address.startsWith("[")) {
            return parseBracketed(address, defaultPort);
        }
        int colon = address.indexOf(':');
        if (colon != address.lastIndexOf(':')) {
            throw bad("'" + address + "' has several colons: put an IPv6 address in brackets");
        }
        String host = colon < 0 ? address : address.substring(0, colon);
        checkHost(host, address);
        return new RedisAddress(host, colon < 0 ? defaultPort : parsePort(address.substring(colon + 1), address));
    }

    /**
     * Reads several, comma-separated, in their order.
     *
     * @throws RedisCdcException as {@link #parse}; also if one is named twice
     */
    public static List<RedisAddress> parseList(String text) {
        return parseList(text, DEFAULT_PORT);
    }

    /**
     * Reads several whose port, where they name none, is another one.
     *
     * @throws RedisCdcException as {@link #parseList(String)}
     */
    public static List<RedisAddress> parseList(String text, int defaultPort) {
        List<RedisAddress> addresses = new ArrayList<>();
        for (String address : text.split(",", -1)) {
            RedisAddress parsed = parse(address, defaultPort);
            if (addresses.contains(parsed)) {
                throw bad("'" + parsed + "' is named twice");
            }
            addresses.add(parsed);
        }
        return List.copyOf(addresses);
    }

    private static RedisAddress parseBracketed(String address, int defaultPort) {
        int end = address.indexOf(']');
        String rest = end < 0 ? "" : address.substring(end + 1);
        if (end < 0 || !(rest.isEmpty() || rest.startsWith(":"))) {
            throw bad("'" + address + "' is no IPv6 address in brackets and a port");
        }
        String host = address.substring(1, end);
        if (host.indexOf(':') < 0) {
            throw bad("'" + address + "' has brackets around what is no IPv6 address");
        }
        return new RedisAddress(host, rest.isEmpty() ? defaultPort : parsePort(rest.substring(1), address));
    }

    private static void checkHost(String host, String address) {
        if (host.isEmpty()) {
            throw bad("'" + address + "' has no host");
        }
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            if (Character.isWhitespace(c) || c == '/') {
                throw bad("'" + address + "' has a " + (c == '/' ? "slash" : "space") + " in its host");
            }
        }
    }

    private static int parsePort(String port, String address) {
        int number;
        try {
            number = Integer.parseInt(port);
        } catch (NumberFormatException e) {
            number = 0;
        }
        if (number < 1 || number > 65535) {
            throw bad("'" + address + "' has no port between 1 and 65535 after the colon");
        }
        return number;
    }

    private static RedisCdcException bad(String what) {
        return new RedisCdcException(
                Category.CONFIG, "the Redis address " + what + "; expected host:port, as redis.example.org:6379");
    }

    /** {@code host:port}, with brackets around an IPv6 address. */
    @Override
    public String toString() {
        return (host.indexOf(':') >= 0 ? "[" + host + "]" : host) + ":" + port;
    }
}
