package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.ServerLogin;
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
import org.springframework.util.FileSystemUtils;

/** A backup that was carried somewhere else, without anything of the hyperkeep that made it. */
class BackupFolderAloneTest {
    @RegisterExtension
    @Order(1)
    static final ServerObjects roles = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static DatabaseContents source;
    private static Path elsewhere;
    private static Path backup;

    @BeforeAll
    static void carry_it_away() throws SQLException, IOException {
        new EveryObject(roles, List.of(server)).fill(server, server.uri(), "texts.sql", "hypertables.sql");
        source = EveryObject.contents(server, server.uri());
        Path repository = hyperkeep.folder().resolve("repository");
        Path made =
                hyperkeep.backup(server, server.uri(), repository).exitsWith(0).backup();
        elsewhere = Files.createDirectory(hyperkeep.folder().resolve("another 'place', \u00fc"));
        Path database = made.getParent().getParent();
        FileSystemUtils.copyRecursively(database, elsewhere.resolve("carried"));
        FileSystemUtils.deleteRecursively(repository);
        backup = elsewhere.resolve("carried/backups").resolve(made.getFileName());
    }

    @Test
    void a_copied_folder_restores_without_a_record_of_runs_or_a_configuration() throws SQLException {
        String target = server.newDatabase("carried");

        Ended restored = fresh(
                "restore", backup.toString(), "--to", ServerLogin.of(target).uri());

        // partitions that changed since, on the Apache edition; else nothing
        restored.exitsWith(server.edition().equals("community") ? 0 : 3);
        assertThat(DatabaseContents.differences(
                        source,
                        EveryObject.contents(server, target),
                        line -> !line.contains("chunk of hyper.repartitioned ")))
                .isEmpty();
    }

    @Test
    void a_copied_folder_can_be_named_from_the_folder_that_it_is_in() {
        Ended shown = fresh("--output", "json", "show", "carried/backups/" + backup.getFileName())
                .exitsWith(0);

        assertThat(shown.json().get("rows").longValue())
                .isEqualTo(
                        source.rows().values().stream().mapToLong(rows -> rows).sum() - 10);
    }

    @Test
    void a_folder_without_its_data_is_refused_before_the_target_is_touched() throws SQLException, IOException {
        Path bare = elsewhere.resolve("bare/backups").resolve(backup.getFileName());
        FileSystemUtils.copyRecursively(backup, bare);
        String target = server.newDatabase("bare");

        Ended refused =
                fresh("restore", bare.toString(), "--to", ServerLogin.of(target).uri());

        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("is missing");
        assertThat(EveryObject.list(
                        server,
                        target,
                        "SELECT nspname FROM pg_namespace WHERE nspname IN ('vals', 'hyper', 'hyperkeep')"))
                .isEmpty();
    }

    /** With a home that nobody has used yet. */
    private static Ended fresh(String... arguments) {
        Path home = elsewhere.resolve("home " + System.nanoTime());
        return HyperkeepRuns.freshly(server, elsewhere, home, arguments);
    }
}
