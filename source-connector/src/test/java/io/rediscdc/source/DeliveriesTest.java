package io.rediscdc.source;

import static org.assertj.core.api.Assertions.assertThat;

import io.rediscdc.model.Position;
import io.rediscdc.source.replica.ResumePoint;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class DeliveriesTest {

    private final List<Long> told = new ArrayList<>();
    private final Deliveries deliveries = new Deliveries(point -> told.add(point.offset()));

    @Test
    void tellsOfAPollWhenAllOfItAndAllBeforeItIsDelivered() {
        Deliveries.Batch first = deliveries.open(at(10), 2);
        Deliveries.Batch second = deliveries.open(at(20), 1);
        Deliveries.Batch third = deliveries.open(at(30), 1);

        deliveries.delivered(first);
        deliveries.delivered(second);
        assertThat(told).isEmpty();
        deliveries.delivered(first);
        assertThat(told).containsExactly(20L);
        deliveries.delivered(third);
        assertThat(told).containsExactly(20L, 30L);
    }

    private static ResumePoint at(long offset) {
        return new ResumePoint("a".repeat(40), offset, 0, 7, List.of(new Position(7, offset, 0)), 0);
    }
}
