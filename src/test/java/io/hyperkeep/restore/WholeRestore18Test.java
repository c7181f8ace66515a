package io.hyperkeep.restore;

import io.hyperkeep.fixtures.TimescaleServer;
import org.junit.jupiter.api.extension.RegisterExtension;

class WholeRestore18Test extends WholeRestoreContract {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v18();

    @Override
    TimescaleServer server() {
        return server;
    }
}
