package io.rediscdc.source;

import java.util.AbstractMap;
import java.util.Collections;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Set;

/**
 * Connect's name for a shard. The worker looks it up in a map for each record, and a map's hash code is made of all its entries
 * each time: this one knows its own.
 */
final class SourcePartition extends AbstractMap<String, String> {

    private final Map<String, String> fields = new LinkedHashMap<>();
    private final int hash;

    SourcePartition(String source, String shard) {
        fields.put("source", source);
        fields.put("shard", shard);
        hash = fields.hashCode();
    }

    @Override
    public String get(Object field) {
        return fields.get(field);
    }

    @Override
    public Set<Entry<String, String>> entrySet() {
        return Collections.unmodifiableSet(fields.entrySet());
    }

    @Override
    public boolean equals(Object other) {
        return this == other || super.equals(other);
    }

    @Override
    public int hashCode() {
        return hash;
    }
}
