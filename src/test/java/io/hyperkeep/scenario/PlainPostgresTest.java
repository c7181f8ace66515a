package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A database in which TimescaleDB is not installed, on a server that could have it. */
class PlainPostgresTest {
    @RegisterExtension
    @Order(1)
    static final ServerObjects roles = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static DatabaseContents source;
    private static Path backup;

    @BeforeAll
    static void back_it_up() throws SQLException {
        String plain = server.newDatabase("plain");
        new EveryObject(roles, List.of(server)).fill(server, plain, "texts.sql", "objects.sql");
        source = EveryObject.contents(server, plain);
        backup = hyperkeep
                .backup(server, plain, hyperkeep.folder().resolve("repository"))
                .exitsWith(0)
                .backup();
    }

    @Test
    void everything_is_the_same_after_a_round_trip() throws SQLException {
        String target = server.newDatabase("same");

        Ended restored =
                hyperkeep.restore(server, backup, target, "--jobs", "3").exitsWith(3);

        assertThat(restored.warnings()).containsExactly(EveryObject.REORDERED);
        assertThat(EveryObject.differences(source, EveryObject.contents(server, target), server, target))
                .isEmpty();
    }

    @Test
    void the_restored_database_does_not_get_the_extension() throws SQLException, IOException {
        String target = server.newDatabase("extensions");

        hyperkeep.restore(server, backup, target, "--include", "objs.altered").exitsWith(0);

        assertThat(EveryObject.list(server, target, "SELECT extname FROM pg_extension"))
                .containsExactly("plpgsql");
        assertThat(Files.readString(backup.resolve("RESTORE.md"))).doesNotContain("imescale");
    }
}
