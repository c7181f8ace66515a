package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.storage.BackupFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** A target that lacks something is refused before it is touched, or gets everything else. */
class StrictRestoreTest {
    @RegisterExtension
    @Order(1)
    static final ServerObjects objects = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final String TABLESPACE =
            "hypertable public.metrics is restored without its attached tablespaces hk_nowhere, hk never: the target's server has none of"
                    + " these names";

    private static final String COLUMNSTORE =
            "hypertable public.metrics is restored without its columnstore (compression) settings, and 2 of its 4 chunks are restored"
                    + " uncompressed: the target's edition of TimescaleDB has no columnstore";

    private static DatabaseContents source;
    private static Path backup;

    /** As a server of the Community edition with two tablespaces would have written it. */
    @BeforeAll
    static void back_up() throws SQLException, IOException {
        server.execute(
                "CREATE TABLE metrics (at timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('metrics', by_range('at', interval '1 day'))",
                "INSERT INTO metrics SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g FROM generate_series(0, 90) g",
                "CREATE TABLE plain AS SELECT generate_series(1, 10) AS id");
        source = EveryObject.contents(server, server.uri());
        backup = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve("repository"))
                .exitsWith(0)
                .backup();
        Files.delete(backup.resolve("manifest.json.sha256"));
        Path manifest = backup.resolve(BackupFolder.MANIFEST);
        ObjectNode json = (ObjectNode) JsonMapper.shared().readTree(manifest.toFile());
        ObjectNode hypertable = (ObjectNode) json.path("tables").path(0).path("hypertable");
        hypertable.putArray("tablespaces").add("hk_nowhere").add("hk never");
        if (server.edition().equals("apache")) {
            hypertable.putObject("columnstore").putNull("segmentBy");
            for (int i : List.of(0, 1)) {
                ((ObjectNode) hypertable.path("chunks").path(i))
                        .putObject("storage")
                        .put("compressed", true)
                        .put("partial", i == 1)
                        .put("frozen", false);
            }
        }
        JsonMapper.shared().writeValue(manifest.toFile(), json);
    }

    @Test
    void everything_else_is_restored_and_each_loss_is_named() throws SQLException {
        String target = server.newDatabase("lesser");

        Ended restore = hyperkeep.restore(server, backup, target).exitsWith(3);

        List<String> expected = new ArrayList<>(List.of("tablespace: " + TABLESPACE));
        if (server.edition().equals("apache")) {
            expected.add("columnstore: " + COLUMNSTORE);
        }
        assertThat(restore.warnings()).containsExactlyInAnyOrderElementsOf(expected);
        assertThat(DatabaseContents.differences(source, EveryObject.contents(server, target)))
                .isEmpty();
    }

    @Test
    void strict_leaves_a_database_as_it_was() throws SQLException {
        String target = server.newDatabase("strict");
        DatabaseContents before = EveryObject.contents(server, target);

        Ended restore = hyperkeep.restore(server, backup, target, "--strict").exitsWith(1);

        assertThat(failure(restore)).isEqualTo(refusal());
        // no extension, no schema of ours
        assertThat(DatabaseContents.differences(before, EveryObject.contents(server, target)))
                .isEmpty();
        assertThat(EveryObject.list(server, target, "SELECT extname FROM pg_extension"))
                .containsExactly("plpgsql");
    }

    @Test
    void strict_leaves_no_database_behind() throws SQLException {
        String name = "hk_strict_new_" + Long.toHexString(System.nanoTime());

        Ended restore = hyperkeep
                .restore(server, backup, server.uri(name), "--strict", "--create-database")
                .exitsWith(1);

        assertThat(failure(restore)).isEqualTo(refusal());
        assertThat(EveryObject.list(
                        server, server.uri(), "SELECT datname FROM pg_database WHERE datname = '" + name + "'"))
                .isEmpty();
    }

    @Test
    void an_owner_who_may_not_use_the_tablespace_is_named_with_the_grant() throws SQLException, IOException {
        String owner = ServerObjects.name("hk_owner_");
        String tablespace = ServerObjects.name("hk_space_");
        objects.createRole(server, owner);
        objects.createTablespace(server, tablespace);
        Path manifest = backup.resolve(BackupFolder.MANIFEST);
        byte[] whole = Files.readAllBytes(manifest);
        ObjectNode json = (ObjectNode) JsonMapper.shared().readTree(manifest.toFile());
        ObjectNode table = (ObjectNode) json.path("tables").path(0);
        table.put("owner", owner);
        ((ObjectNode) table.path("hypertable")).putArray("tablespaces").add(tablespace);
        String target = server.newDatabase("denied");
        try {
            JsonMapper.shared().writeValue(manifest.toFile(), json);

            Ended restore = hyperkeep.restore(server, backup, target).exitsWith(12);

            assertThat(failure(restore))
                    .isEqualTo("role postgres may not restore into database "
                            + EveryObject.ask(server, target, "SELECT current_database()")
                            + " HINT: GRANT CREATE ON TABLESPACE \"" + tablespace + "\" TO \"" + owner + "\";");
        } finally {
            Files.write(manifest, whole);
        }
    }

    private static String failure(Ended restore) {
        var error = JsonMapper.shared().readTree(restore.err()).get("error");
        return error.get("message").asString() + " HINT: " + error.get("hint").asString();
    }

    private static String refusal() {
        return "the target can not carry everything of backup " + backup.getFileName() + ": "
                + (server.edition().equals("apache") ? COLUMNSTORE + "; " : "") + TABLESPACE
                + " HINT: nothing was restored. Restore into a server that has what is missing, or without --strict: these are then left out,"
                + " and everything else is restored";
    }
}
