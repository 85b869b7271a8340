package io.rediscdc.source;

import io.rediscdc.error.RedisCdcException;
import io.rediscdc.error.RedisCdcException.Category;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import org.apache.kafka.clients.admin.Admin;
import org.apache.kafka.clients.admin.AdminClientConfig;
import org.apache.kafka.common.KafkaException;
import org.apache.kafka.common.errors.UnknownTopicOrPartitionException;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks whether the topic has the partitions over which a cluster's slots are to be spread. A source task is given no
 * connection to Kafka, so it needs the brokers that are configured for repairs.
 */
final class TopicCheck {

    private static final Logger LOG = LoggerFactory.getLogger(TopicCheck.class);
    private static final int TIMEOUT_MS = 5_000;

    private TopicCheck() {}

    /**
     * Does nothing if the topic does not exist yet, or Kafka does not answer.
     *
     * @throws RedisCdcException CONFIG if it has another number of partitions
     */
    static void run(SourceConfig config) {
        Map<String, Object> properties = config.repair().clientProperties();
        properties.put(AdminClientConfig.DEFAULT_API_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
        properties.put(AdminClientConfig.REQUEST_TIMEOUT_MS_CONFIG, TIMEOUT_MS);
        try (Admin admin = Admin.create(properties)) {
            int found = admin.describeTopics(List.of(config.topic()))
                    .allTopicNames()
                    .get()
                    .get(config.topic())
                    .partitions()
                    .size();
            if (found != config.partitions()) {
                throw new RedisCdcException(
                        Category.CONFIG,
                        "topic " + config.topic() + " has " + found + " partitions, and "
                                + TopicConfig.PARTITIONS
                                + " is " + config.partitions()
                                + ": a slot's changes would not be where sinks look for them. Set it to what the topic"
                                + " has, if nothing has been published yet; else begin anew, with another topic");
            }
        } catch (ExecutionException e) {
            if (!(e.getCause() instanceof UnknownTopicOrPartitionException)) {
                notKnown(config, e.getCause());
            }
        } catch (KafkaException e) {
            notKnown(config, e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            notKnown(config, e);
        }
    }

    private static void notKnown(SourceConfig config, Throwable why) {
        LOG.warn("Not known how many partitions topic {} has: {}", config.topic(), why.getMessage());
    }
}
