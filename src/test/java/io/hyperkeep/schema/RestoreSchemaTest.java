package io.hyperkeep.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.TestConnections;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaEntry.Section;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.storage.LocalStore;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

class RestoreSchemaTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final Function<SchemaEntry, Optional<String>> NO_NOTE = entry -> Optional.empty();

    @TempDir
    Path folder;

    private String source;

    @BeforeEach
    void source() throws SQLException {
        source = server.newDatabase("restore_source"); // without TimescaleDB, which is none of this class's business
        execute(source, "CREATE SCHEMA s", "CREATE TABLE s.one (id int)", "CREATE TABLE s.two (id int)");
    }

    @Test
    void a_restart_goes_on_after_the_last_entry_that_was_noted() throws Exception {
        Trial trial = dump();
        String target = server.newDatabase("restore_target");
        execute(
                target,
                "CREATE TABLE public.done (entry int PRIMARY KEY)",
                "CREATE SCHEMA s",
                "CREATE VIEW s.two AS SELECT 1");
        BackupException failure = failure(trial, target, entries(trial), RestoreSchemaTest::note);
        assertThat(failure.problem()).isEqualTo(Problem.SERVER);
        assertThat(failure.text())
                .isEqualTo(
                        "cannot restore TABLE s.two: relation \"two\" already exists"
                                + "\nHINT: the target has an object of that name already: restore into an empty database, or drop it.");
        assertThat(ids(target)).containsExactly(idOf(trial, "s"), idOf(trial, "one"));
        execute(target, "DROP VIEW s.two");
        List<SchemaEntry> rest = entries(trial).stream()
                .filter(entry -> entry.name().equals("two"))
                .toList();
        run(trial, target, rest, RestoreSchemaTest::note);
        assertThat(ids(target)).hasSize(3);
    }

    @Test
    void an_entry_and_its_note_are_done_together_or_not_at_all() throws Exception {
        Trial trial = dump();
        String target = server.newDatabase("restore_target");
        BackupException failure = failure(trial, target, entries(trial), RestoreSchemaTest::note);
        assertThat(failure.text())
                .isEqualTo(
                        "cannot restore SCHEMA s: relation \"public.done\" does not exist"
                                + "\nHINT: the target lacks something that the source has, perhaps an extension's other version, or a server setting that the object needs.");
        try (Connection connection = server.connect(target)) {
            assertThat(Query.<Boolean>one(connection, "SELECT to_regnamespace('s') IS NULL", row -> row.getBoolean(1)))
                    .isTrue();
        }
    }

    @Test
    void a_role_that_the_target_lacks_is_named() throws Exception {
        server.execute("DROP ROLE IF EXISTS hk_gone, hk_test_owner", "CREATE ROLE hk_test_owner");
        try {
            execute(source, "ALTER TABLE s.two OWNER TO hk_test_owner");
            Trial trial = dump();
            server.execute("ALTER ROLE hk_test_owner RENAME TO hk_gone");
            String target = server.newDatabase("restore_target");
            assertThat(failure(trial, target, entries(trial), NO_NOTE).text())
                    .isEqualTo(
                            "cannot restore TABLE s.two: role \"hk_test_owner\" does not exist"
                                    + "\nHINT: create the role in the target first (CREATE ROLE …); roles belong to the server and are not in a backup of a database.");
        } finally {
            execute(source, "DROP TABLE s.two");
            server.execute("DROP ROLE IF EXISTS hk_gone, hk_test_owner");
        }
    }

    @Test
    void a_missing_privilege_is_denied() throws Exception {
        Trial trial = dump();
        String target = server.newDatabase("restore_target");
        server.execute("DROP ROLE IF EXISTS hk_test_poor", "CREATE ROLE hk_test_poor LOGIN");
        try {
            String poor = target.replaceFirst("//[^@]*@", "//hk_test_poor@");
            BackupException failure = failure(trial, poor, entries(trial), NO_NOTE);
            assertThat(failure.problem()).isEqualTo(Problem.DENIED);
            assertThat(failure.text())
                    .isEqualTo(
                            "cannot restore SCHEMA s: permission denied for database "
                                    + target.substring(target.lastIndexOf('/') + 1)
                                    + "\nHINT: restore as a role that owns the database and is a member of the objects' owners, or as a superuser.");
        } finally {
            server.execute("DROP ROLE hk_test_poor");
        }
    }

    @Test
    void a_damaged_file_is_not_run() throws Exception {
        Trial trial = dump();
        String target = server.newDatabase("restore_target");
        Path file = trial.file(Section.PRE_DATA);
        byte[] bytes = Files.readAllBytes(file);
        Files.write(file, ("x" + Files.readString(file)).getBytes(StandardCharsets.UTF_8));
        BackupException moved = failure(trial, target, entries(trial), NO_NOTE);
        assertThat(moved.problem()).isEqualTo(Problem.DAMAGED);
        assertThat(moved.text())
                .isEqualTo("schema file " + file + " is damaged: entry " + idOf(trial, "s")
                        + " (SCHEMA s) is not where the manifest says"
                        + "\nHINT: copy it again from where the backup was copied from, or use another backup.");
        Files.write(file, Arrays.copyOf(bytes, trial.preamble(Section.PRE_DATA) + 50));
        assertThat(failure(trial, target, entries(trial), NO_NOTE).getMessage())
                .isEqualTo("schema file " + file + " is damaged: it is shorter than the manifest says");
    }

    @Test
    void a_dump_that_waits_for_a_lock_gives_up() throws Exception {
        Connections connections = TestConnections.to(source, server.clientTools());
        DumpSchema dump = new DumpSchema(
                connections, new ClientTools(connections.settings()), "hyperkeep/test/dump", Duration.ofMillis(300));
        SchemaRequest request = new SchemaRequest(Set.of(new TableName("s", "one")), Map.of(), List.of(), false, null);
        try (Connection locker = server.connect(source);
                Connection holder = connections.open("hyperkeep/test/holder")) {
            locker.setAutoCommit(false);
            Query.execute(locker, "LOCK TABLE s.two");
            Query.execute(holder, "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
            String snapshot = Query.one(holder, "SELECT pg_export_snapshot()", row -> row.getString(1));
            BackupException failure = catchThrowableOfType(
                    BackupException.class,
                    () -> dump.run(holder, snapshot, request, folder, new LocalStore(folder), "b"));
            assertThat(failure.problem()).isEqualTo(Problem.CLIENT_TOOL);
            assertThat(failure.text())
                    .endsWith(
                            "failed with exit code 1: query failed: ERROR:  canceling statement due to statement timeout"
                                    + " Query was: LOCK TABLE s.one, s.two IN ACCESS SHARE MODE"
                                    + "\nHINT: somebody holds a conflicting lock on one of the tables that the message lists; pg_locks and pg_stat_activity say who. Try again, or with a longer lock timeout.");
        }
        assertThat(folder).isEmptyDirectory();
    }

    private Trial dump() throws SQLException, IOException {
        return Trial.dump(server, source, TableSelection.ALL, folder);
    }

    private static List<SchemaEntry> entries(Trial trial) {
        return trial.entries(Section.PRE_DATA);
    }

    private static Optional<String> note(SchemaEntry entry) {
        return Optional.of("INSERT INTO public.done VALUES (" + entry.id() + ")");
    }

    private static void run(
            Trial trial, String target, List<SchemaEntry> entries, Function<SchemaEntry, Optional<String>> note) {
        trial.restorer(target)
                .run(trial.file(Section.PRE_DATA), trial.preamble(Section.PRE_DATA), entries, RenameSql.SAME, note);
    }

    private static BackupException failure(
            Trial trial, String target, List<SchemaEntry> entries, Function<SchemaEntry, Optional<String>> note) {
        return catchThrowableOfType(BackupException.class, () -> run(trial, target, entries, note));
    }

    private static int idOf(Trial trial, String name) {
        return entries(trial).stream()
                .filter(entry -> entry.name().equals(name))
                .findFirst()
                .orElseThrow()
                .id();
    }

    private static List<Integer> ids(String target) throws SQLException {
        try (Connection connection = server.connect(target)) {
            return Query.list(connection, "SELECT entry FROM public.done ORDER BY ctid", row -> row.getInt(1));
        }
    }

    private static void execute(String uri, String... sql) throws SQLException {
        try (Connection connection = server.connect(uri)) {
            Query.execute(connection, sql);
        }
    }
}
