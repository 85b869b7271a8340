package io.rediscdc.sink.target;

import io.lettuce.core.ClientOptions;
import io.lettuce.core.MaintNotificationsConfig;
import io.lettuce.core.RedisClient;
import io.lettuce.core.RedisException;
import io.lettuce.core.RedisURI;
import io.lettuce.core.SocketOptions;
import io.lettuce.core.TimeoutOptions;
import io.lettuce.core.api.StatefulRedisConnection;
import io.lettuce.core.codec.ByteArrayCodec;
import io.lettuce.core.event.DefaultEventPublisherOptions;
import io.lettuce.core.metrics.CommandLatencyRecorder;
import io.lettuce.core.protocol.CommandEncoder;
import io.lettuce.core.protocol.ProtocolVersion;
import io.lettuce.core.resource.ClientResources;
import io.lettuce.core.resource.DefaultClientResources;
import io.lettuce.core.resource.NettyCustomizer;
import io.netty.channel.Channel;
import io.netty.channel.ChannelPipeline;
import io.rediscdc.address.RedisAddress;
import io.rediscdc.config.ConnectionConfig;
import io.rediscdc.error.RedisCdcException;
import io.rediscdc.sentinel.MasterWatch;
import io.rediscdc.sentinel.Sentinels;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/**
 * The Redis server that a task writes to: makes connections, and owns the threads that serve them. Where Sentinel watches
 * it, that is whichever is the master when a connection is made.
 *
 * <p>Connections speak RESP2: the replies that matter here are the same, fewer types are to be read, and servers before
 * Redis 6 understand it.
 */
public final class TargetServer implements Target, AutoCloseable {

    private static final String CLIENT_NAME = "redis-cdc-sink";
    private static final int SHUTDOWN_SECONDS = 5;

    private final ConnectionConfig config;
    private final Duration commandTimeout;
    private final ClientResources resources;
    private final RedisClient client;
    private final Duration connectTimeout;

    /** Null where the address is given. */
    private final Sentinels sentinels;

    private MasterWatch watch;

    /** Of the connection that is just being made: {@link #connect} makes one at a time. */
    private volatile BatchHandler latest;

    public TargetServer(ConnectionConfig config) {
        this(config, config.connectTimeoutMs(), config.commandTimeoutMs());
    }

    TargetServer(ConnectionConfig config, int connectTimeoutMs, int commandTimeoutMs) {
        this.config = config;
        this.commandTimeout = Duration.ofMillis(commandTimeoutMs);
        this.resources = DefaultClientResources.builder()
                // The smallest that Lettuce takes: batches of one task need no more.
                .ioThreadPoolSize(2)
                .computationThreadPoolSize(2)
                .commandLatencyRecorder(CommandLatencyRecorder.disabled())
                .commandLatencyPublisherOptions(DefaultEventPublisherOptions.disabled())
                .nettyCustomizer(new NettyCustomizer() {
                    @Override
                    public void afterChannelInitialized(Channel channel) {
                        install(channel.pipeline());
                    }
                })
                .build();
        this.connectTimeout = Duration.ofMillis(connectTimeoutMs);
        this.sentinels = config.sentinel() == null
                ? null
                : new Sentinels(config.sentinel().within(connectTimeoutMs));
        this.client = RedisClient.create(resources);
        this.client.setOptions(ClientOptions.builder()
                .autoReconnect(false)
                .disconnectedBehavior(ClientOptions.DisconnectedBehavior.REJECT_COMMANDS)
                .pingBeforeActivateConnection(true)
                .protocolVersion(ProtocolVersion.RESP2)
                .maintNotificationsConfig(MaintNotificationsConfig.disabled())
                .timeoutOptions(TimeoutOptions.create())
                .socketOptions(SocketOptions.builder()
                        .connectTimeout(Duration.ofMillis(connectTimeoutMs))
                        .keepAlive(true)
                        .tcpNoDelay(true)
                        .build())
                .build());
    }

    /** From now on looks whether Sentinel has named another master, until this is closed. */
    public void watchMaster() {
        if (sentinels != null && watch == null) {
            watch = new MasterWatch(sentinels, config.sentinel().master());
        }
    }

    /** Whether Sentinel has named another master since. */
    @Override
    public boolean isDeposed(TargetConnection connection) {
        return sentinels != null && sentinels.isDeposed(connection.address());
    }

    /** How often Sentinel has named another master. */
    public long masterChanges() {
        return sentinels == null ? 0 : sentinels.changes();
    }

    @Override
    public boolean isCluster() {
        return false;
    }

    /** Exceptions of {@link Sentinels#ask} are SentinelExceptions. */
    @Override
    public TargetConnection connect() {
        return connect(sentinels == null ? config.address() : sentinels.ask().master());
    }

    /**
     * A new connection to a server, with the credentials and times of this one.
     *
     * @throws RedisCdcException as {@link #connect()}
     */
    synchronized TargetConnection connect(RedisAddress address) {
        latest = null;
        try {
            StatefulRedisConnection<byte[], byte[]> connection = client.connect(ByteArrayCodec.INSTANCE, uri(address));
            return new TargetConnection(address, connection, latest, commandTimeout);
        } catch (RedisException e) {
            BatchHandler handler = latest;
            ConnectFailure failure = ConnectFailure.of(e, handler == null ? null : handler.firstLine(), address);
            throw new ConnectFailedException(failure, e);
        }
    }

    /** Closes all connections and ends all threads; can be called again. */
    @Override
    public void close() {
        if (sentinels != null) {
            sentinels.close();
        }
        if (watch != null) {
            watch.close();
        }
        client.shutdown(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS);
        resources
                .shutdown(0, SHUTDOWN_SECONDS, TimeUnit.SECONDS)
                .awaitUninterruptibly(SHUTDOWN_SECONDS, TimeUnit.SECONDS);
    }

    private void install(ChannelPipeline pipeline) {
        BatchHandler handler = new BatchHandler();
        pipeline.addBefore(pipeline.context(CommandEncoder.class).name(), "batches", handler);
        latest = handler;
    }

    private RedisURI uri(RedisAddress address) {
        RedisURI.Builder uri = RedisURI.builder()
                .withHost(address.host())
                .withPort(address.port())
                .withClientName(CLIENT_NAME)
                .withTimeout(connectTimeout);
        if (config.password() != null) {
            char[] password = config.password().value().toCharArray();
            if (config.username() == null) {
                uri.withPassword(password);
            } else {
                uri.withAuthentication(config.username(), password);
            }
        }
        return uri.build();
    }
}
