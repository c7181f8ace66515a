package io.hyperkeep.config;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.time.Duration;
import java.util.Set;

/** Reads what is configured of the daemon: the sections {@code serve} and {@code management}. */
final class ReadServe {
    static final Set<String> SERVE = Set.of("parallel-runs", "restart-on-start", "stop-grace");
    static final Set<String> MANAGEMENT = Set.of("address", "port");

    private static final int MOST_PARALLEL = 32;

    private ReadServe() {}

    static ServeSettings serve(GeneralSection section) {
        return new ServeSettings(
                section.read("parallel-runs", "2", text -> Quantity.number(text, 1, MOST_PARALLEL)),
                section.read("restart-on-start", "true", PlanValues::yesOrNo),
                section.read(
                        "stop-grace",
                        "30s",
                        text -> Quantity.duration(text, Duration.ZERO, Duration.ofDays(1), "0s to 1d")));
    }

    static ManagementSettings management(GeneralSection section) {
        return new ManagementSettings(
                section.read("address", "127.0.0.1", ReadServe::address),
                section.read("port", "8471", text -> Quantity.number(text, 0, 65_535)));
    }

    /** An address of this machine: a name would depend on who answers for it at the moment. */
    private static String address(String text) {
        boolean numbers = text.matches("[0-9.]+|[0-9A-Fa-f:.%]*:[0-9A-Za-z:.%]*");
        try {
            if (numbers || text.equals("localhost")) {
                return InetAddress.getByName(text).getHostAddress();
            }
        } catch (UnknownHostException e) {
            // told below
        }
        throw new IllegalArgumentException("'" + text + "' is not an address such as 127.0.0.1, ::1 or 0.0.0.0");
    }
}
