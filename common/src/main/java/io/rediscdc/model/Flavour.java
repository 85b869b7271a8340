package io.rediscdc.model;

/** Whose RDB dialect a payload is in: the two number some types differently, and a DUMP payload does not say. */
public enum Flavour {
    REDIS("redis"),
    VALKEY("valkey");

    private final String text;

    Flavour(String text) {
        this.text = text;
    }

    public String text() {
        return text;
    }

    public static Flavour of(String text) {
        return switch (text) {
            case "redis" -> REDIS;
            case "valkey" -> VALKEY;
            default -> throw new IllegalArgumentException("unknown flavour '" + text + "'");
        };
    }
}
