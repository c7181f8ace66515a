package io.hyperkeep.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.database.Connections;
import io.hyperkeep.fixtures.MakeBackup;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.Compression;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A restored database is the one that was backed up; for each server version. What is compared is read by plain SQL. */
abstract class WholeRestoreContract {
    private static final String HYPERTABLES = """
            SELECT hypertable_name || ' ' || column_name || ' ' || coalesce(time_interval::text, integer_interval::text,
                   num_partitions::text) FROM timescaledb_information.dimensions ORDER BY 1
            """;
    private static final String CHUNKS = """
            SELECT c.hypertable_name || ' ' || coalesce(c.range_start::text, c.range_start_integer::text) || ' '
                   || coalesce(c.range_end::text, c.range_end_integer::text)
              FROM timescaledb_information.chunks c ORDER BY 1
            """;
    private static final String TRIGGERS = """
            SELECT t.tgname || ' ' || n.nspname FROM pg_trigger t JOIN pg_proc p ON p.oid = t.tgfoid
              JOIN pg_namespace n ON n.oid = p.pronamespace
             WHERE NOT t.tgisinternal AND n.nspname NOT LIKE '\\_timescaledb%' ORDER BY 1
            """;
    private static final String CONSTRAINTS = """
            SELECT conrelid::regclass || ' ' || conname || ' ' || pg_get_constraintdef(oid) FROM pg_constraint
             WHERE conrelid::regclass::text LIKE 'app.%' AND contype <> 'n' ORDER BY 1
            """;
    private static final String INDEXES = "SELECT indexdef FROM pg_indexes WHERE schemaname = 'app' ORDER BY 1";
    private static final String SEQUENCES =
            "SELECT sequencename || ' ' || coalesce(last_value, -1) FROM pg_sequences WHERE schemaname = 'app' ORDER BY 1";

    @TempDir
    Path repository;

    abstract TimescaleServer server();

    /** Where backups are restored to: the same server, or a later version. */
    TimescaleServer targetServer() {
        return server();
    }

    @Test
    void everything_comes_back_as_it_was() throws Exception {
        String source = SourceTables.create(server(), SourceTables.RICH);
        BackupFolder backup = backup(source);
        Connections target = target();
        WholeRestore restore = new WholeRestore(backup, target, TableSelection.ALL, 2);
        restore.run();
        assertSame(source, uri(target));
    }

    @Test
    void every_type_keeps_its_value() throws Exception {
        String source = SourceTables.create(server(), SourceTables.TYPES);
        Connections target = target();
        new WholeRestore(backup(source), target, TableSelection.ALL, 2).run();
        for (String table : List.of("every_type", "one_column")) {
            String rows = "SELECT t::text FROM " + table + " t ORDER BY 1";
            assertThat(ask(uri(target), rows)).isEqualTo(ask(source, rows));
        }
    }

    @Test
    void a_restart_after_any_step_ends_as_if_nothing_had_happened() throws Exception {
        String source = SourceTables.create(server(), SourceTables.RICH);
        BackupFolder backup = backup(source);
        Connections target = target();
        for (String step : List.of("pre-data", "chunks", "import", "indexes", "rest", "refresh", "compare", "end")) {
            WholeRestore attempt = new WholeRestore(backup, target, TableSelection.ALL, 2);
            attempt.until(step);
            assertThat(ask(uri(target), "SELECT count(*) FROM hyperkeep.restore"))
                    .as("until %s, it looks unfinished", step)
                    .containsExactly("1");
        }
        new WholeRestore(backup, target, TableSelection.ALL, 2).run();
        assertSame(source, uri(target));
    }

    @Test
    void what_a_crash_leaves_of_the_chunks_is_cleared_away() throws Exception {
        String source = SourceTables.create(server(), SourceTables.RICH);
        BackupFolder backup = backup(source);
        Connections target = target();
        WholeRestore restore = new WholeRestore(backup, target, TableSelection.ALL, 2);
        restore.until("import");
        // as a crash between creating the trigger and dropping it would leave it, with another interval
        run(
                uri(target),
                "CREATE TRIGGER hyperkeep_discard_row BEFORE INSERT ON app.metrics"
                        + " FOR EACH ROW EXECUTE FUNCTION hyperkeep.discard_row()",
                "SELECT set_chunk_time_interval('app.metrics', interval '3 days', 'time')");
        new WholeRestore(backup, target, TableSelection.ALL, 2).run();
        assertSame(source, uri(target));
    }

    @Test
    void a_unit_that_died_is_imported_again_and_no_other() throws Exception {
        String source = SourceTables.create(server(), SourceTables.RICH);
        BackupFolder backup = backup(source);
        Connections target = target();
        WholeRestore restore = new WholeRestore(backup, target, TableSelection.ALL, 2);
        restore.until("import");
        RunProgress progress = new RunProgress();
        List<String> all;
        try (ImportSessions sessions =
                ImportSessions.open(backup, target, "hyperkeep/1", progress, restore.plan(), 1)) {
            all = List.copyOf(sessions.begin());
            sessions.run(all.get(0));
        }
        try (ImportSessions sessions =
                ImportSessions.open(backup, target, "hyperkeep/1", progress, restore.plan(), 1)) {
            assertThat(sessions.units().keySet()).containsExactlyElementsOf(all.subList(1, all.size()));
        }
        new WholeRestore(backup, target, TableSelection.ALL, 2).run();
        assertSame(source, uri(target));
    }

    @Test
    void a_selection_restores_by_itself() throws Exception {
        String source = SourceTables.create(server(), SourceTables.RICH);
        Connections target = target();
        WholeRestore restore =
                new WholeRestore(backup(source), target, new TableSelection(List.of("app.metrics"), List.of()), 2);
        restore.run();
        assertThat(restore.plan().tables())
                .extracting(table -> table.name())
                .containsExactly(new TableName("app", "metrics"));
        assertThat(restore.plan().warnings())
                .extracting(warning -> warning.text())
                .contains("fk constraint app.metrics metrics_device_id_fkey is not restored:"
                        + " it needs table app.device, which is not selected");
        String rows = "SELECT m::text FROM app.metrics m ORDER BY 1";
        assertThat(ask(uri(target), rows)).isEqualTo(ask(source, rows));
    }

    @Test
    void rows_that_somebody_changed_meanwhile_are_found_and_the_target_stays_unfinished() throws Exception {
        String source = SourceTables.create(server(), SourceTables.RICH);
        Connections target = target();
        WholeRestore restore = new WholeRestore(backup(source), target, TableSelection.ALL, 2);
        restore.until("compare");
        run(
                uri(target),
                "UPDATE app.events SET kind = 'other' WHERE t = 100",
                "INSERT INTO app.part VALUES (7, 'new')",
                "DROP INDEX app.metrics_value");
        assertThatThrownBy(() -> restore.step("compare"))
                .isInstanceOfSatisfying(BackupException.class, e -> assertThat(e.text())
                        .isEqualTo("what is in database " + target.address().database() + " is not what is in backup "
                                + restore.plan().manifest().id()
                                + ": table app.metrics, index metrics_value: is missing;"
                                + " app.events: has as many rows as the backup, 721, but not the same ones;"
                                + " app.events, rows of 4 ranges from t [0, 10000) to t [30000, 40000): are as many as"
                                + " in the backup, but not the same ones;"
                                + " app.part_1: has 51 rows, the backup has 50"
                                + System.lineSeparator()
                                + "HINT: do not use this database. If somebody else wrote to it meanwhile, restore into"
                                + " one that nobody uses; the schema hyperkeep in it marks it as unfinished"));
        assertThat(ask(uri(target), "SELECT count(*) FROM hyperkeep.restore")).containsExactly("1");
    }

    private BackupFolder backup(String source) throws Exception {
        return MakeBackup.of(
                MakeBackup.connections(source, server().clientTools()), repository, Compression.DEFAULT, 64 << 10);
    }

    private Connections target() throws SQLException {
        return MakeBackup.connections(
                targetServer().createDatabase("restored", false), targetServer().clientTools());
    }

    private String uri(Connections target) {
        return targetServer().uri(target.address().database());
    }

    private void assertSame(String source, String target) throws SQLException {
        for (String sql : List.of(HYPERTABLES, CHUNKS, TRIGGERS, CONSTRAINTS, INDEXES, SEQUENCES)) {
            assertThat(ask(target, sql)).isEqualTo(ask(source, sql));
        }
        for (String table : ask(
                source,
                "SELECT format('%I.%I', schemaname, tablename) FROM pg_tables WHERE schemaname = 'app' UNION ALL"
                        + " SELECT 'app.counts' UNION ALL SELECT 'app.latest' ORDER BY 1")) {
            String rows = "SELECT t::text FROM " + table + " t ORDER BY 1";
            assertThat(ask(target, rows)).as(table).isEqualTo(ask(source, rows));
        }
        assertThat(ask(target, "SELECT nspname FROM pg_namespace WHERE nspname = 'hyperkeep'"))
                .isEmpty();
    }

    private List<String> ask(String uri, String sql) throws SQLException {
        try (Connection connection = targetServer().connect(uri);
                Statement statement = connection.createStatement()) {
            // else the planner's own idea of a time zone is in the text
            statement.execute("SET timezone = 'UTC'");
            try (ResultSet rows = statement.executeQuery(sql)) {
                List<String> result = new ArrayList<>();
                while (rows.next()) {
                    result.add(rows.getString(1));
                }
                return result;
            }
        }
    }

    private void run(String uri, String... sql) throws SQLException {
        try (Connection connection = targetServer().connect(uri);
                Statement statement = connection.createStatement()) {
            for (String one : sql) {
                statement.execute(one);
            }
        }
    }
}
