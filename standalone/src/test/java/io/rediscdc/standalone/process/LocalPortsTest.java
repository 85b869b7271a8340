package io.rediscdc.standalone.process;

import static org.assertj.core.api.Assertions.assertThat;

import java.net.InetAddress;
import java.net.ServerSocket;
import java.util.HashSet;
import java.util.Set;
import org.junit.jupiter.api.Test;

class LocalPortsTest {

    /** From where Linux takes the ports of outgoing connections. */
    private static final int OUTGOING = 32_768;

    @Test
    void noneTwiceAndNoneThatAnOutgoingConnectionMayTakeAsItsOwnOrItsClusterBus() {
        Set<Integer> ports = new HashSet<>();
        for (int i = 0; i < 200; i++) {
            int port = LocalPorts.free();
            assertThat(port + 10_000).isLessThan(OUTGOING);
            assertThat(ports.add(port)).as("port %s once", port).isTrue();
        }
    }

    @Test
    void aPortWhoseClusterBusIsTakenIsNotFree() throws Exception {
        int port = LocalPorts.free();
        assertThat(LocalPorts.isFree(port)).isTrue();
        try (ServerSocket bus = new ServerSocket(port + 10_000, 1, InetAddress.getLoopbackAddress())) {
            assertThat(bus.isBound()).isTrue();
            assertThat(LocalPorts.isFree(port)).isFalse();
        }
    }
}
