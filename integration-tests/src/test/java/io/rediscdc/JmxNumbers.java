package io.rediscdc;

import io.rediscdc.standalone.process.LocalPorts;
import java.io.IOException;
import java.util.Map;
import java.util.Set;
import javax.management.JMException;
import javax.management.MBeanServerConnection;
import javax.management.ObjectName;
import javax.management.remote.JMXConnector;
import javax.management.remote.JMXConnectorFactory;
import javax.management.remote.JMXServiceURL;

/** Metrics of a worker as JMX shows them. The worker has to be started with {@link #environment}. */
final class JmxNumbers implements AutoCloseable {

    private final int port = LocalPorts.free();
    private JMXConnector connector;

    /** For the worker's process: has its JVM listen on 127.0.0.1. */
    Map<String, String> environment() {
        String prefix = "-Dcom.sun.management.jmxremote.";
        return Map.of(
                "JDK_JAVA_OPTIONS",
                String.join(
                        " ",
                        "-Djava.rmi.server.hostname=127.0.0.1",
                        prefix + "host=127.0.0.1",
                        prefix + "port=" + port,
                        prefix + "rmi.port=" + port,
                        prefix + "authenticate=false",
                        prefix + "ssl=false"));
    }

    /**
     * A number of the only task of a connector.
     *
     * @throws AssertionError if it is not shown
     */
    long number(String connectorName, String metric) {
        try {
            MBeanServerConnection server = connected().getMBeanServerConnection();
            Set<ObjectName> beans = server.queryNames(
                    new ObjectName("kafka.connect:type=plugins,connector=" + connectorName + ",task=0,*"), null);
            for (ObjectName bean : beans) {
                if (bean.getKeyProperty("shard") != null || bean.getKeyProperty("partition") != null) {
                    return ((Number) server.getAttribute(bean, metric)).longValue();
                }
            }
            throw new AssertionError(connectorName + " shows no numbers, only " + beans);
        } catch (IOException | JMException e) {
            throw new AssertionError("no metric " + metric + " of " + connectorName, e);
        }
    }

    @SuppressWarnings("BanJNDI") // the other side is a worker of ours
    private JMXConnector connected() throws IOException {
        if (connector == null) {
            connector = JMXConnectorFactory.connect(
                    new JMXServiceURL("service:jmx:rmi:///jndi/rmi://127.0.0.1:" + port + "/jmxrmi"));
        }
        return connector;
    }

    @Override
    public void close() {
        try {
            if (connector != null) {
                connector.close();
            }
        } catch (IOException e) {
            // The worker is gone, and the connection with it.
            connector = null;
        }
    }
}
