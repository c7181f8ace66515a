package io.hyperkeep.restore;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.fixtures.MakeBackup;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.plan.Compression;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.storage.BackupFolder;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.Statement;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/** Tables that are big enough to be read back while their indexes are built: a difference is found all the same. */
class ReadBackEarlyTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    static Path repository;

    private static BackupFolder backup;

    @BeforeAll
    static void back_up() throws Exception {
        String source = SourceTables.create(
                server,
                "CREATE TABLE metrics (time timestamptz NOT NULL, note text)",
                "SELECT create_hypertable('metrics', by_range('time', interval '1 day'))",
                "INSERT INTO metrics SELECT '2026-01-01'::timestamptz + g * interval '10 seconds', repeat('x', 900)"
                        + " FROM generate_series(0, 40000) g",
                "CREATE INDEX ON metrics (note)",
                // the key is built in a wave that keeps readers waiting: this one is read at the end
                "CREATE TABLE keyed (id int PRIMARY KEY, note text)",
                "INSERT INTO keyed SELECT g, repeat('y', 900) FROM generate_series(1, 40000) g");
        backup =
                MakeBackup.of(MakeBackup.connections(source, server.clientTools()), repository, Compression.DEFAULT, 2);
    }

    @Test
    void equal_tables_are_equal() throws Exception {
        restored().run();
    }

    @Test
    void a_row_that_was_changed_before() throws Exception {
        assertFound(
                "metrics",
                "indexes",
                "UPDATE metrics SET note = 'z' WHERE time = '2026-01-02 00:00:00+00'",
                "has as many rows as the backup, 40001, but not the same ones; public.metrics, rows of time"
                        + " [2026-01-02 00:00:00, 2026-01-03 00:00:00): are as many as in the backup, but not the same"
                        + " ones");
        assertFound(
                "keyed",
                "indexes",
                "UPDATE keyed SET note = 'z' WHERE id = 7",
                "has as many rows as the backup, 40000, but not the same ones");
    }

    @Test
    void rows_that_came_or_went_after_they_were_read() throws Exception {
        assertFound(
                "metrics",
                "foreign-keys",
                "DELETE FROM metrics WHERE time = '2026-01-02 00:00:00+00'",
                "has 40000 rows, the backup has 40001");
        assertFound(
                "metrics",
                "foreign-keys",
                "INSERT INTO metrics VALUES ('2027-01-01', 'in a chunk that was not there')",
                "has 40002 rows, the backup has 40001");
    }

    private String target;

    private WholeRestore restored() throws Exception {
        target = server.createDatabase("read_back", false);
        return new WholeRestore(backup, MakeBackup.connections(target, server.clientTools()), TableSelection.ALL, 2);
    }

    private void assertFound(String table, String before, String change, String what) throws Exception {
        WholeRestore restore = restored();
        restore.until(before);
        try (Connection connection = server.connect(target);
                Statement statement = connection.createStatement()) {
            statement.execute(change);
        }
        assertThatThrownBy(() -> restore.from(before))
                .isInstanceOf(BackupException.class)
                .hasMessageEndingWith("public." + table + ": " + what);
    }
}
