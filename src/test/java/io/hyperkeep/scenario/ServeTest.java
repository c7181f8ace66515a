package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;

/** The daemon as a process: when it is ready, who may ask it, and how it ends. */
@Timeout(120)
class ServeTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path folder;

    @Test
    void it_says_when_it_is_ready_answers_beside_commands_and_ends_cleanly() throws Exception {
        Operator operator = new Operator(folder, server);
        operator.environment.put("HYPERKEEP_MANAGEMENT_PORT", "0");
        Path socket = folder.resolve("systemd");
        operator.environment.put("NOTIFY_SOCKET", socket.toString());
        try (AFUNIXDatagramSocket systemd = AFUNIXDatagramSocket.newInstance()) {
            systemd.bind(AFUNIXSocketAddress.of(socket));
            systemd.setSoTimeout((int) PATIENCE.toMillis());
            try (RunningCommand daemon = operator.fork(List.of("-Xmx256m"), "serve")) {
                String address = Served.address(daemon);
                assertThat(heard(systemd)).isEqualTo("READY=1\nSTATUS=serving on " + address);
                assertThat(status(address + "/")).isEqualTo(404);
                assertThat(operator.run("runs").out()).isEqualTo("no runs\n");

                operator.environment.put("HYPERKEEP_MANAGEMENT_PORT", address.substring(address.lastIndexOf(':') + 1));
                Operator.Ended second =
                        operator.fork(List.of("-Xmx256m"), "serve").end();
                assertThat(second.exitCode()).isEqualTo(1);
                assertThat(second.err()).isEqualTo("hyperkeep: cannot listen on " + address + """
                        : the address is in use, or not one of this machine
                        HINT: does another daemon run? management.address and management.port choose another one.
                        """);

                Operator.Ended ended = daemon.stop("TERM").ended();
                assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
                assertThat(ended.err()).endsWith("hyperkeep: stopping; once more ends it at once\n");
                assertThat(heard(systemd)).isEqualTo("STOPPING=1");
            }
        }
    }

    private static String heard(AFUNIXDatagramSocket systemd) throws java.io.IOException {
        java.net.DatagramPacket packet = new java.net.DatagramPacket(new byte[1000], 1000);
        systemd.receive(packet);
        return new String(packet.getData(), 0, packet.getLength(), java.nio.charset.StandardCharsets.UTF_8);
    }

    private static int status(String uri) throws Exception {
        return HttpClient.newHttpClient()
                .send(HttpRequest.newBuilder(URI.create(uri)).build(), HttpResponse.BodyHandlers.discarding())
                .statusCode();
    }
}
