package io.rediscdc.sink;

import io.rediscdc.format.rdb.Fixture;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.model.Flavour;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.List;

/** Hashes whose fields expire by themselves, as Redis 7.4 saved them. */
final class Fields {

    static final Flavour FLAVOUR = Flavour.REDIS;

    private Fields() {}

    static List<RdbItem.Key> expiring() throws IOException {
        return Fixture.keys(Fixture.read(new Fixture("7.4").bytes())).stream()
                .filter(key -> new String(key.key(), StandardCharsets.UTF_8).startsWith("hfe:"))
                .toList();
    }
}
