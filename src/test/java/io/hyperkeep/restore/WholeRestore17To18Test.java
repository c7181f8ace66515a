package io.hyperkeep.restore;

import io.hyperkeep.fixtures.TimescaleServer;
import org.junit.jupiter.api.extension.RegisterExtension;

class WholeRestore17To18Test extends WholeRestoreContract {
    @RegisterExtension
    static final TimescaleServer older = TimescaleServer.v17();

    @RegisterExtension
    static final TimescaleServer newer = TimescaleServer.v18();

    @Override
    TimescaleServer server() {
        return older;
    }

    @Override
    TimescaleServer targetServer() {
        return newer;
    }
}
