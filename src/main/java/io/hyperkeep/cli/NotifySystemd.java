package io.hyperkeep.cli;

import java.io.IOException;
import java.net.DatagramPacket;
import java.nio.charset.StandardCharsets;
import java.util.Map;
import org.newsclub.net.unix.AFUNIXDatagramSocket;
import org.newsclub.net.unix.AFUNIXSocketAddress;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Tells systemd how far a service of {@code Type=notify} is, as sd_notify(3) does; without systemd it does nothing. */
final class NotifySystemd {
    private static final Logger log = LoggerFactory.getLogger(NotifySystemd.class);

    private final String socket;

    /** @param environment of the process, where systemd names its socket */
    NotifySystemd(Map<String, String> environment) {
        this.socket = environment.getOrDefault("NOTIFY_SOCKET", "");
    }

    /** It answers and fires. */
    void ready(String status) {
        send("READY=1\nSTATUS=" + status);
    }

    /** It ends, and may take its time for it. */
    void stopping() {
        send("STOPPING=1");
    }

    private void send(String state) {
        if (socket.isEmpty()) {
            return;
        }
        byte[] bytes = state.getBytes(StandardCharsets.UTF_8);
        try (AFUNIXDatagramSocket out = AFUNIXDatagramSocket.newInstance()) {
            out.connect(address());
            out.send(new DatagramPacket(bytes, bytes.length));
        } catch (IOException e) {
            // systemd ends a service that never says it is ready: this line says why
            log.warn("cannot tell systemd by {}: {}", socket, e.getMessage());
        }
    }

    private AFUNIXSocketAddress address() throws IOException {
        // an @ stands for the null byte of an abstract name
        return socket.startsWith("@")
                ? AFUNIXSocketAddress.inAbstractNamespace(socket.substring(1))
                : AFUNIXSocketAddress.of(java.nio.file.Path.of(socket));
    }
}
