package io.hyperkeep.check;

import io.hyperkeep.fixtures.TimescaleServer;
import org.junit.jupiter.api.extension.RegisterExtension;

class CheckDatabaseOn17Test extends ChecksOnAServer {
    @RegisterExtension
    static final TimescaleServer SERVER = TimescaleServer.v17();

    CheckDatabaseOn17Test() {
        super(SERVER);
    }
}
