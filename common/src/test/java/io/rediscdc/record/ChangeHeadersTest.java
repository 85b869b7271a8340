package io.rediscdc.record;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Change;
import io.rediscdc.model.Op;
import io.rediscdc.model.Position;
import io.rediscdc.model.Stamp;
import java.nio.charset.StandardCharsets;
import org.apache.kafka.connect.data.Schema;
import org.apache.kafka.connect.header.ConnectHeaders;
import org.apache.kafka.connect.header.Header;
import org.apache.kafka.connect.storage.SimpleHeaderConverter;
import org.junit.jupiter.api.Test;

class ChangeHeadersTest {

    private final RandomChanges changes = new RandomChanges(7);

    @Test
    void saysWhatARecordIsAbout() {
        Change change = changes.next(Op.SET);
        assertThat(ChangeHeaders.of(change))
                .allSatisfy(header -> assertThat(header.schema()).isEqualTo(Schema.STRING_SCHEMA))
                .extracting(header -> header.key() + "=" + header.value())
                .containsExactly(
                        "op=set",
                        "key=" + ChangeHeaders.text(change.key().key()),
                        "type=" + change.state().type(),
                        "db=" + change.key().db());
    }

    @Test
    void saysThePositionOfATombstone() {
        Change change = changes.next(Op.DEL);
        Stamp stamp = change.stamp();
        Header header = ChangeHeaders.ofTombstone(change).lastWithName("position");
        assertThat(header.value())
                .asString()
                .startsWith("shard=" + stamp.origin().shard() + " position=" + stamp.position());

        // Connect takes text for what it looks like.
        SimpleHeaderConverter converter = new SimpleHeaderConverter();
        byte[] bytes = converter.fromConnectHeader("t", "position", header.schema(), header.value());
        ConnectHeaders read = new ConnectHeaders();
        read.add("position", converter.toConnectHeader("t", "position", bytes));
        Stamp place = ChangeHeaders.stampOf(read, 7, 8);
        assertThat(place.position()).isEqualTo(stamp.position());
        assertThat(place.origin().shard()).isEqualTo(stamp.origin().shard());
        assertThat(place.asOf()).isEqualTo(stamp.asOf());
        assertThat(place.prev()).isEqualTo(Position.NONE);
    }

    @Test
    void showsKeysAsText() {
        assertThat(text("user:1")).isEqualTo("user:1");
        assertThat(text("\u00fcber:\uFFFD")).isEqualTo("\u00fcber:\uFFFD");
        assertThat(ChangeHeaders.text(new byte[] {'a', '\\', (byte) 0xff, 0, '\n', 7, '~'}))
                .isEqualTo("a\\\\\\xff\\x00\\n\\a~");
    }

    private static String text(String key) {
        return ChangeHeaders.text(key.getBytes(StandardCharsets.UTF_8));
    }
}
