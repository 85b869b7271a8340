package io.rediscdc.standalone.redis;

import java.util.HashMap;
import java.util.Map;
import java.util.TreeMap;

/** What INFO says. */
public final class ServerInfo {

    private final Map<String, String> fields;

    private ServerInfo(Map<String, String> fields) {
        this.fields = fields;
    }

    /** Asks for the given section, as in "replication"; "" for the default ones. */
    public static ServerInfo of(RedisConnection connection, String section) {
        String text = section.isEmpty() ? connection.text("INFO") : connection.text("INFO", section);
        Map<String, String> fields = new HashMap<>();
        text.lines().forEach(line -> {
            int colon = line.indexOf(':');
            if (colon > 0) {
                fields.put(line.substring(0, colon), line.substring(colon + 1).strip());
            }
        });
        return new ServerInfo(fields);
    }

    /** A field's text, "" if the server does not say it. */
    public String text(String field) {
        return fields.getOrDefault(field, "");
    }

    /** A field's number, 0 if the server does not say it. */
    public long number(String field) {
        String text = text(field);
        return text.isEmpty() ? 0 : Long.parseLong(text);
    }

    /** Keys per database, of the section "keyspace". */
    public Map<Integer, Long> keys() {
        Map<Integer, Long> keys = new TreeMap<>();
        fields.forEach((name, value) -> {
            if (name.matches("db\\d+") && value.startsWith("keys=")) {
                String count = value.substring("keys=".length()).split(",", 2)[0];
                keys.put(Integer.parseInt(name.substring(2)), Long.parseLong(count));
            }
        });
        return keys;
    }

    /** Keys in all databases, of the section "keyspace". */
    public long totalKeys() {
        return keys().values().stream().mapToLong(Long::longValue).sum();
    }
}
