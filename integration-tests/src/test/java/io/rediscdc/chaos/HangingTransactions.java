package io.rediscdc.chaos;

import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.apache.kafka.clients.admin.AbortTransactionSpec;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.DescribeProducersResult.PartitionProducerState;
import org.apache.kafka.clients.admin.ProducerState;
import org.apache.kafka.clients.admin.TopicDescription;
import org.apache.kafka.clients.admin.TransactionListing;
import org.apache.kafka.clients.admin.TransactionState;
import org.apache.kafka.common.TopicPartition;

/**
 * What {@code kafka-transactions.sh find-hanging} and {@code abort} do. A broker that is alone and is killed between the
 * decision to commit a transaction and the markers that say so in the partitions can take them for written when it starts
 * again (seen with 4.3.1: CompleteCommit in __transaction_state, before it said that it had started, and no marker in any
 * partition). Nobody who reads committed records gets past such a place; no client can help it.
 */
final class HangingTransactions {

    private static final Duration OLD = Duration.ofSeconds(15);
    private static final Set<TransactionState> OPEN =
            Set.of(TransactionState.ONGOING, TransactionState.PREPARE_COMMIT, TransactionState.PREPARE_ABORT);

    private final String bootstrap;

    HangingTransactions(String bootstrap) {
        this.bootstrap = bootstrap;
    }

    /** Aborts those there are; returns of how many producers. */
    int abort() {
        try (Admin admin = Admin.create(
                Map.of("bootstrap.servers", bootstrap, "request.timeout.ms", 5000, "default.api.timeout.ms", 10000))) {
            return abort(admin);
        } catch (ExecutionException | TimeoutException e) {
            return 0; // the broker is away, which is another matter
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return 0;
        }
    }

    private static int abort(Admin admin) throws ExecutionException, InterruptedException, TimeoutException {
        Map<Long, TransactionState> states = new HashMap<>();
        for (TransactionListing listing : admin.listTransactions().all().get(20, TimeUnit.SECONDS)) {
            states.put(listing.producerId(), listing.state());
        }
        List<TopicPartition> partitions = partitions(admin);
        Map<TopicPartition, PartitionProducerState> found =
                admin.describeProducers(partitions).all().get(20, TimeUnit.SECONDS);
        Map<Long, Integer> aborted = new HashMap<>();
        for (Map.Entry<TopicPartition, PartitionProducerState> each : found.entrySet()) {
            for (ProducerState producer : each.getValue().activeProducers()) {
                if (isHanging(producer, states)) {
                    admin.abortTransaction(new AbortTransactionSpec(
                                    each.getKey(),
                                    producer.producerId(),
                                    (short) producer.producerEpoch(),
                                    producer.coordinatorEpoch().orElse(0)))
                            .all()
                            .get(20, TimeUnit.SECONDS);
                    aborted.merge(producer.producerId(), 1, Integer::sum);
                }
            }
        }
        return aborted.size();
    }

    /** Open in the partition, while the coordinator knows of none. */
    private static boolean isHanging(ProducerState producer, Map<Long, TransactionState> states) {
        return producer.currentTransactionStartOffset().isPresent()
                && System.currentTimeMillis() - producer.lastTimestamp() > OLD.toMillis()
                && !OPEN.contains(states.getOrDefault(producer.producerId(), TransactionState.UNKNOWN));
    }

    private static List<TopicPartition> partitions(Admin admin)
            throws ExecutionException, InterruptedException, TimeoutException {
        Set<String> names = admin.listTopics().names().get(20, TimeUnit.SECONDS);
        return admin.describeTopics(names).allTopicNames().get(20, TimeUnit.SECONDS).values().stream()
                .flatMap((TopicDescription topic) -> topic.partitions().stream()
                        .map(partition -> new TopicPartition(topic.name(), partition.partition())))
                .toList();
    }
}
