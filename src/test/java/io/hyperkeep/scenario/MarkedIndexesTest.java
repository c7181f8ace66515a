package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.ServerLogin;
import io.hyperkeep.fixtures.TimescaleServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A table that is clustered on one index and has another one as its replica identity: restored by two sessions at once,
 * each creates one of them and then wants a stronger lock on the table, which the other one is in the way of.
 */
@Timeout(300)
class MarkedIndexesTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final String MARKED = """
            SELECT string_agg(indexrelid::regclass || CASE WHEN indisclustered THEN ' clustered' ELSE ' identity' END, ', '
                              ORDER BY indexrelid::regclass::text)
              FROM pg_index WHERE indrelid = 'marked'::regclass AND (indisclustered OR indisreplident)
            """;

    @BeforeAll
    static void fill() throws SQLException {
        server.execute(
                // large enough that two builds overlap
                "CREATE TABLE marked AS SELECT n AS a, -n AS b FROM generate_series(1, 300000) n",
                "ALTER TABLE marked ALTER a SET NOT NULL",
                "CREATE UNIQUE INDEX marked_a ON marked (a)",
                "CREATE INDEX marked_b ON marked (b)",
                "ALTER TABLE marked REPLICA IDENTITY USING INDEX marked_a",
                "ALTER TABLE marked CLUSTER ON marked_b");
    }

    private static Path backup(String kind) {
        return hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve(kind), "--kind", kind)
                .exitsWith(0)
                .backup();
    }

    @ParameterizedTest
    @ValueSource(strings = {"database", "tables"})
    void they_come_back_restored_by_several_sessions(String kind) throws SQLException {
        String target = server.newDatabase("marked");

        hyperkeep.restore(server, backup(kind), target, "--jobs", "2").exitsWith(0);

        assertThat(ServerSays.one(server, target, MARKED)).isEqualTo("marked_a identity, marked_b clustered");
    }

    /** What the order of the lists is for. */
    @Test
    void pg_restore_alone_deadlocks() throws Exception {
        Path backup = backup("database");
        Path both = Files.createTempFile(hyperkeep.folder(), "both", ".list");
        Files.writeString(
                both,
                Files.readString(backup.resolve("restore/4-post-data.list"))
                        + Files.readString(backup.resolve("restore/4-post-data-clustered.list")));
        StringBuilder said = new StringBuilder();
        // nearly always the first time: the two sessions have to be at work at the same time
        for (int tries = 0; tries < 10 && !said.toString().contains("deadlock detected"); tries++) {
            String target = server.newDatabase("marked_plain");
            said.append(pgRestore(backup, target, "--table=marked"));
            said.append(pgRestore(backup, target, "--jobs=2", "--use-list=" + both));
        }

        assertThat(said).contains("deadlock detected");
    }

    private static String pgRestore(Path backup, String target, String... arguments)
            throws IOException, InterruptedException {
        ServerLogin login = ServerLogin.of(target);
        ProcessBuilder builder = new ProcessBuilder(
                        server.clientTools().resolve("pg_restore").toString(),
                        "--dbname=dbname=" + login.variables().get("PGDATABASE"))
                .redirectErrorStream(true);
        builder.command().addAll(List.of(arguments));
        builder.command().add(backup.resolve("dump").toString());
        builder.environment().putAll(login.variables());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes());
        process.waitFor();
        return said;
    }
}
