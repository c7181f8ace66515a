package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** What keeps a firing from running, or from running on. */
@Timeout(240)
class HeldFiringsTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    @Test
    void blackouts_hold_and_timeouts_end() throws Exception {
        String slow = database("slow");
        Served served = new Served(new Operator(folder, server), """
                serve: {stop-grace: 1s}
                databases:
                  slow: {uri: '%s', client-tools: %s}
                  small: {uri: '%s', client-tools: %s}
                defaults: {repository: ./repository}
                plans:
                  slow: {database: slow, schedule: '0/2 * * * * ?', timeout: 1s}
                  dark: {database: small, schedule: '0/2 * * * * ?', blackout: '00:00-24:00'}
                """.formatted(
                        slow, server.clientTools(), database("small"), server.clientTools()));
        try (Hurdle hurdle = Hurdle.ofBackup(server, slow, "locks");
                RunningCommand daemon = served.start()) {
            served.awaitLine(
                    "the timeout ends it",
                    line -> line.plan().equals("slow")
                            && line.state().equals("FAILED")
                            && String.valueOf(line.failure())
                                    .equals("run " + line.run()
                                            + " was stopped: it lasted longer than its plan's timeout of 1 s"));
            served.awaitLine("nothing begins in the dark", line -> line.plan().equals("dark"));
            hurdle.letGo();
            Served.stop(daemon);
        }
        assertThat(served.lines())
                .filteredOn(line -> line.plan().equals("dark"))
                .allSatisfy(line -> {
                    assertThat(line.state()).isEqualTo("SKIPPED");
                    assertThat(line.failure()).isEqualTo("came in the blackout 00:00-24:00");
                });
        served.requireNothingStarted();
    }

    private static String database(String name) throws SQLException {
        String uri = server.createDatabase(name, true);
        ServerSays.done(
                server,
                uri,
                "CREATE TABLE public.big (id int PRIMARY KEY, big text)",
                "ALTER TABLE public.big ALTER COLUMN big SET STORAGE EXTERNAL",
                "INSERT INTO public.big SELECT g, repeat('b', 5000) FROM generate_series(1, 100) g");
        return uri;
    }
}
