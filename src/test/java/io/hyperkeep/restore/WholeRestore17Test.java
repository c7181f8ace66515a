package io.hyperkeep.restore;

import io.hyperkeep.fixtures.TimescaleServer;
import org.junit.jupiter.api.extension.RegisterExtension;

class WholeRestore17Test extends WholeRestoreContract {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @Override
    TimescaleServer server() {
        return server;
    }
}
