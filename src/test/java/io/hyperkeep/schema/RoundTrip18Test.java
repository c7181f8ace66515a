package io.hyperkeep.schema;

import io.hyperkeep.fixtures.TimescaleServer;
import org.junit.jupiter.api.extension.RegisterExtension;

class RoundTrip18Test extends RoundTripContract {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v18();

    @Override
    TimescaleServer server() {
        return server;
    }
}
