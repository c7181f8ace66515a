package io.hyperkeep.check;

import io.hyperkeep.fixtures.TimescaleServer;
import org.junit.jupiter.api.extension.RegisterExtension;

class CheckDatabaseOn18Test extends ChecksOnAServer {
    @RegisterExtension
    static final TimescaleServer SERVER = TimescaleServer.v18();

    CheckDatabaseOn18Test() {
        super(SERVER);
    }
}
