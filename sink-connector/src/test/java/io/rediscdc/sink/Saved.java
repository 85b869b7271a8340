package io.rediscdc.sink;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.rediscdc.format.rdb.Fixture;
import io.rediscdc.format.rdb.RdbItem;
import io.rediscdc.format.rdb.RdbType;
import io.rediscdc.format.rdb.value.CanonicalValue;
import io.rediscdc.format.rdb.value.DecodeLimits;
import io.rediscdc.format.rdb.value.DumpDecoder;
import io.rediscdc.model.Flavour;
import java.io.IOException;
import java.util.List;
import java.util.function.Predicate;

/** What a server saved, as a history. */
record Saved(Feed feed, List<RdbItem.Key> keys, Flavour flavour) {

    /** Without the values of modules that server 4.0 had: nobody here has the module. */
    static Saved by(String version) throws IOException {
        return by(version, key -> false);
    }

    /** @param typed which values come by their elements instead of as dumps */
    static Saved by(String version, Predicate<RdbItem.Key> typed) throws IOException {
        List<RdbItem> items = Fixture.read(new Fixture(version).bytes());
        Flavour flavour = ((RdbItem.Header) items.get(0)).flavour();
        List<RdbItem.Key> keys = Fixture.keys(items).stream()
                .filter(key -> !isModule(key) || !version.equals("4.0"))
                .toList();
        Feed feed = new Feed().begin();
        keys.forEach(key -> feed.typed(typed.test(key)).state(key, flavour));
        return new Saved(feed.end(keys.size()).heartbeat(), keys, flavour);
    }

    static boolean isModule(RdbItem.Key key) {
        return key.type() == RdbType.MODULE_2;
    }

    /** A value as text. */
    static List<String> lines(byte[] dump, Flavour flavour) {
        CanonicalValue value = new CanonicalValue(true);
        DumpDecoder.decode(dump, flavour, DecodeLimits.DEFAULT, value);
        return value.lines();
    }

    static List<String> withoutFieldTimes(List<String> lines) {
        return lines.stream()
                .map(line -> line.startsWith("h ") ? line.substring(0, line.lastIndexOf(' ')) + " -" : line)
                .toList();
    }

    static String name(RdbItem.Key key) {
        return new String(key.key(), ISO_8859_1);
    }
}
