package io.rediscdc.format.rdb.value;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import java.util.TreeMap;

/** A random stream: what a decoder has to say of it, and how a server lays it out. */
public final class StreamModel {

    private record Entry(StreamId id, boolean deleted, byte[][] fieldsAndValues) {}

    private record Delivery(long timeMs, long count, int consumer) {}

    private record Consumer(byte[] name, long seenMs, long activeMs) {}

    private record Group(
            byte[] name,
            StreamId lastId,
            long entriesRead,
            TreeMap<StreamId, Delivery> pending,
            List<Consumer> consumers) {}

    private record ProducedId(byte[] id, StreamId entry) {}

    private record Producer(byte[] name, List<ProducedId> ids) {}

    private final List<List<Entry>> nodes = new ArrayList<>();
    private final List<Group> groups = new ArrayList<>();
    private final List<Producer> producers = new ArrayList<>();
    private final StreamId lastId;
    private final StreamId firstId;
    private final StreamId maxDeletedId;
    private final long entriesAdded;
    private final long duration;

    public StreamModel(Random random) {
        StreamId id =
                new StreamId(random.nextInt(3) == 0 ? random.nextLong() : random.nextInt(1000), random.nextInt(5));
        for (int node = random.nextInt(5); node > 0; node--) {
            List<Entry> entries = new ArrayList<>();
            byte[][] fields = someFields(random);
            for (int i = 1 + random.nextInt(12); i > 0; i--) {
                id = after(id, random);
                byte[][] own = random.nextInt(4) == 0 ? someFields(random) : fields;
                entries.add(new Entry(id, random.nextInt(5) == 0, withValues(own, random)));
            }
            nodes.add(entries);
        }
        lastId = random.nextBoolean() ? id : after(id, random);
        firstId = someId(random);
        maxDeletedId = someId(random);
        entriesAdded = random.nextInt(1000);
        duration = random.nextInt(1000);
        for (int i = random.nextInt(3); i > 0; i--) {
            groups.add(group(i, random));
        }
        for (int i = random.nextInt(3); i > 0; i--) {
            List<ProducedId> ids = new ArrayList<>();
            for (int k = random.nextInt(4); k > 0; k--) {
                ids.add(new ProducedId(word(random), someId(random)));
            }
            producers.add(new Producer(word(random), ids));
        }
    }

    public void tell(int version, ValueVisitor visitor) {
        StreamVisitor to = visitor.stream();
        nodes.forEach(node -> node.stream()
                .filter(entry -> !entry.deleted())
                .forEach(entry -> to.entry(entry.id(), entry.fieldsAndValues())));
        to.info(new StreamVisitor.Info(
                length(),
                lastId,
                version < 2 ? null : new StreamVisitor.Counters(firstId, maxDeletedId, entriesAdded)));
        for (Group group : groups) {
            to.group(group.name(), group.lastId(), version < 2 ? StreamVisitor.UNKNOWN : group.entriesRead());
            for (int i = 0; i < group.consumers().size(); i++) {
                Consumer consumer = group.consumers().get(i);
                int index = i;
                to.consumer(
                        consumer.name(), consumer.seenMs(), version < 3 ? StreamVisitor.UNKNOWN : consumer.activeMs());
                group.pending().forEach((id, delivery) -> {
                    if (delivery.consumer() == index) {
                        to.pending(id, delivery.timeMs(), delivery.count());
                    }
                });
            }
        }
        if (version >= 4) {
            to.idempotence(duration, 100);
            for (Producer producer : producers) {
                to.producer(producer.name());
                producer.ids().forEach(produced -> to.producedId(produced.id(), produced.entry()));
            }
            to.idempotenceCounts(7, entriesAdded);
        }
    }

    public void encode(int version, RdbEncoder to, Random random) {
        to.length(nodes.size());
        for (List<Entry> node : nodes) {
            to.string(RdbEncoder.rawIdBytes(node.get(0).id()));
            to.string(PackedEncoder.listpack(packed(node)));
        }
        to.length(length()).id(lastId);
        if (version >= 2) {
            to.id(firstId).id(maxDeletedId).length(entriesAdded);
        }
        to.length(groups.size());
        for (Group group : groups) {
            to.string(group.name()).id(group.lastId());
            if (version >= 2) {
                to.length(group.entriesRead());
            }
            to.length(group.pending().size());
            group.pending()
                    .forEach((id, delivery) ->
                            to.rawId(id).littleEndian(delivery.timeMs(), 8).length(delivery.count()));
            to.length(group.consumers().size());
            for (int i = 0; i < group.consumers().size(); i++) {
                encode(group, i, version, to);
            }
        }
        if (version >= 4) {
            to.length(duration).length(100).length(producers.size());
            for (Producer producer : producers) {
                to.string(producer.name()).length(producer.ids().size());
                producer.ids().forEach(produced -> to.string(produced.id()).id(produced.entry()));
            }
            to.length(7).length(entriesAdded);
        }
    }

    private static void encode(Group group, int index, int version, RdbEncoder to) {
        Consumer consumer = group.consumers().get(index);
        to.string(consumer.name()).littleEndian(consumer.seenMs(), 8);
        if (version >= 3) {
            to.littleEndian(consumer.activeMs(), 8);
        }
        List<StreamId> ids = group.pending().entrySet().stream()
                .filter(pending -> pending.getValue().consumer() == index)
                .map(pending -> pending.getKey())
                .toList();
        to.length(ids.size());
        ids.forEach(to::rawId);
    }

    private long length() {
        return nodes.stream()
                .flatMap(List::stream)
                .filter(entry -> !entry.deleted())
                .count();
    }

    /** Master entry, then entries; fields only where they differ from the master's. */
    private static List<byte[]> packed(List<Entry> node) {
        Entry master = node.get(0);
        long deleted = node.stream().filter(Entry::deleted).count();
        List<byte[]> elements = new ArrayList<>();
        elements.add(number(node.size() - deleted));
        elements.add(number(deleted));
        byte[][] fields = fields(master);
        elements.add(number(fields.length));
        elements.addAll(List.of(fields));
        elements.add(number(0));
        for (Entry entry : node) {
            boolean same = Arrays.deepEquals(fields(entry), fields);
            elements.add(number((entry.deleted() ? 1 : 0) | (same ? 2 : 0)));
            elements.add(number(entry.id().ms() - master.id().ms()));
            elements.add(number(entry.id().seq() - master.id().seq()));
            byte[][] all = entry.fieldsAndValues();
            if (!same) {
                elements.add(number(all.length / 2));
            }
            for (int i = same ? 1 : 0; i < all.length; i += same ? 2 : 1) {
                elements.add(all[i]);
            }
            elements.add(number(same ? all.length / 2 + 3 : all.length + 4));
        }
        return elements;
    }

    private static byte[][] fields(Entry entry) {
        byte[][] fields = new byte[entry.fieldsAndValues().length / 2][];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = entry.fieldsAndValues()[2 * i];
        }
        return fields;
    }

    private Group group(int number, Random random) {
        List<Consumer> consumers = new ArrayList<>();
        for (int i = random.nextInt(4); i > 0; i--) {
            consumers.add(
                    new Consumer(word(random), random.nextInt(1000), random.nextInt(5) == 0 ? -1 : random.nextInt()));
        }
        TreeMap<StreamId, Delivery> pending = new TreeMap<>();
        int most = random.nextInt(4) == 0 ? 500 : 20;
        for (int i = consumers.isEmpty() ? 0 : random.nextInt(most); i > 0; i--) {
            StreamId id = random.nextInt(10) == 0
                    ? new StreamId(random.nextLong(), random.nextLong())
                    : new StreamId(random.nextInt(50), random.nextInt(50));
            int count = random.nextInt(10) == 0 ? random.nextInt(Integer.MAX_VALUE) : random.nextInt(4);
            pending.put(
                    id,
                    new Delivery(
                            random.nextInt(10) == 0 ? random.nextLong() : 1_700_000_000_000L + random.nextInt(50),
                            count,
                            random.nextInt(consumers.size())));
        }
        byte[] name = ("group" + number).getBytes(ISO_8859_1);
        return new Group(name, someId(random), random.nextInt(5) - 1, pending, consumers);
    }

    private static StreamId after(StreamId id, Random random) {
        return switch (random.nextInt(3)) {
            case 0 -> new StreamId(id.ms(), id.seq() + 1 + random.nextInt(200));
            case 1 -> new StreamId(id.ms() + 1, random.nextInt(3));
            default -> new StreamId(id.ms() + 1 + random.nextInt(100_000), random.nextInt(100_000));
        };
    }

    private static StreamId someId(Random random) {
        return random.nextInt(4) == 0 ? StreamId.ZERO : new StreamId(random.nextInt(1000), random.nextInt(10));
    }

    private static byte[][] someFields(Random random) {
        byte[][] fields = new byte[1 + random.nextInt(5)][];
        for (int i = 0; i < fields.length; i++) {
            fields[i] = word(random);
        }
        return fields;
    }

    private static byte[][] withValues(byte[][] fields, Random random) {
        byte[][] all = new byte[2 * fields.length][];
        for (int i = 0; i < fields.length; i++) {
            all[2 * i] = fields[i];
            all[2 * i + 1] = random.nextInt(30) == 0 ? new byte[16_370 + random.nextInt(20)] : word(random);
        }
        return all;
    }

    private static byte[] word(Random random) {
        if (random.nextInt(3) == 0) {
            return number(random.nextLong() >> random.nextInt(64));
        }
        byte[] bytes = new byte[random.nextInt(20)];
        random.nextBytes(bytes);
        return bytes;
    }

    private static byte[] number(long number) {
        return Long.toString(number).getBytes(ISO_8859_1);
    }
}
