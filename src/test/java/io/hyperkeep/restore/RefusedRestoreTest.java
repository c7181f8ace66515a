package io.hyperkeep.restore;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.fixtures.MakeBackup;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.plan.Compression;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.VerifyFiles;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What a restore refuses, and that the target is as it was then. */
class RefusedRestoreTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final String OWNER = "hk_restore_owner";
    private static final String STRANGER = "hk_restore_stranger";
    private static final String GIVE_UP =
            "restart it, with the same options; or give it up: drop the database, or in one"
                    + " that is in use the tables that it restored and the schema hyperkeep";
    private static final String EOL = System.lineSeparator();

    @TempDir
    static Path repository;

    private static String source;
    private static BackupFolder whole;

    private BackupFolder backup;

    @TempDir
    Path copies;

    @BeforeAll
    static void back_up() throws Exception {
        // roles belong to the server: they stay, for the next run and for one that runs now
        for (String role : List.of(OWNER, STRANGER)) {
            server.execute("DO $$ BEGIN CREATE ROLE " + role
                    + " LOGIN; EXCEPTION WHEN duplicate_object OR unique_violation THEN NULL; END $$");
        }
        source = SourceTables.create(
                server,
                "CREATE TABLE plain (id int PRIMARY KEY, t text)",
                "INSERT INTO plain SELECT g, repeat('x', g % 50) FROM generate_series(1, 5000) g",
                "ALTER TABLE plain OWNER TO " + OWNER,
                "CREATE TABLE metrics (time timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('metrics', by_range('time', interval '1 day'))",
                "INSERT INTO metrics SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g"
                        + " FROM generate_series(0, 99) g");
        whole = MakeBackup.of(connections(source), repository, Compression.DEFAULT, 1);
    }

    @BeforeEach
    void copy() throws Exception {
        Path from = whole.databaseFolder();
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, copies.resolve(from.relativize(file).toString()), StandardCopyOption.REPLACE_EXISTING);
            }
        }
        backup = new BackupFolder(copies.resolve("backups").resolve(whole.id()));
    }

    @Test
    void damaged_files_are_all_named_before_the_target_is_touched() throws Exception {
        List<Path> files = new ArrayList<>();
        plan().units().forEach(unit -> files.add(backup.file(unit.unit())));
        Files.delete(files.get(0));
        byte[] cut = Files.readAllBytes(files.get(1));
        Files.write(files.get(1), Arrays.copyOf(cut, cut.length - 1));
        byte[] altered = Files.readAllBytes(files.get(2));
        altered[altered.length / 2] ^= 1;
        Files.write(files.get(2), altered);
        List<String> expected = new ArrayList<>();
        expected.add(name(files.get(0)) + ": is missing");
        expected.add(name(files.get(1)) + ": is " + (cut.length - 1) + " bytes long instead of " + cut.length);
        expected.add(name(files.get(2)) + ": its checksum differs");
        expected.sort(null);
        String target = server.uri("hk_never_created");
        assertRefused(
                () -> new WholeRestore(backup, connections(target), TableSelection.ALL, 2).run(),
                Problem.DAMAGED,
                "cannot restore backup " + whole.id() + ", 3 files are damaged: " + String.join("; ", expected),
                "nothing was done to the target. Copy these files again from where the backup was copied from,"
                        + " restore the other tables with --exclude, or use another backup");
        assertThatThrownBy(() -> server.connect(target).close()).hasMessageContaining("does not exist");
        assertThat(new VerifyFiles(backup, new RunProgress()).run(2))
                .extracting(Finding::toString)
                .containsExactlyElementsOf(expected);
    }

    @Test
    void a_whole_backup_has_no_findings() {
        assertThat(new VerifyFiles(backup, new RunProgress()).run(2)).isEmpty();
    }

    @Test
    void the_source_itself_is_refused() {
        assertRefused(
                () -> prepare(source),
                Problem.UNSUITABLE,
                "database " + database(source) + " is the one that the backup was taken from",
                "restore into a new database, e.g. with --create-database, compare, and rename it then; or restore"
                        + " some tables beside the present ones, with --include and --rename");
    }

    @Test
    void tables_that_exist_are_named() throws Exception {
        String target = server.createDatabase("taken", true);
        execute(target, "CREATE TABLE plain (x int)", "CREATE VIEW metrics AS SELECT 1");
        assertRefused(
                () -> prepare(target),
                Problem.UNSUITABLE,
                "database " + database(target) + " already has table public.metrics, table public.plain",
                "restore into a new database, e.g. with --create-database, leave tables out with --exclude, or"
                        + " restore them beside with --rename; nothing that exists is ever overwritten");
        assertNoLedger(target);
    }

    @Test
    void unrelated_tables_are_left_alone() throws Exception {
        String target = server.createDatabase("shared", true);
        execute(target, "CREATE TABLE other AS SELECT 1 AS x");
        new WholeRestore(backup, connections(target), TableSelection.ALL, 2).run();
        execute(
                target,
                "SELECT 1 / (SELECT count(*)::int FROM other)",
                "SELECT 1 / (count(*) = 100)::int FROM metrics");
    }

    @Test
    void an_unfinished_restore_of_another_backup_or_selection_is_refused() throws Exception {
        String target = server.createDatabase("unfinished", false);
        new WholeRestore(backup, connections(target), new TableSelection(List.of("plain"), List.of()), 2)
                .until("import");
        assertRefused(
                () -> prepare(target),
                Problem.UNSUITABLE,
                "database " + database(target)
                        + " holds an unfinished restore of this backup, of public.plain, not of every table",
                GIVE_UP);
        execute(target, "UPDATE hyperkeep.restore SET backup = 'another', started = '2026-01-02 03:04:05+00'");
        assertRefused(
                () -> prepare(target),
                Problem.UNSUITABLE,
                "database " + database(target)
                        + " holds an unfinished restore of another backup, another, begun 2026-01-02 03:04:05 UTC",
                GIVE_UP);
    }

    @Test
    void a_database_in_timescale_restore_mode_is_refused() throws Exception {
        String target = server.createDatabase("restoring", true);
        execute(target, "ALTER DATABASE " + database(target) + " SET timescaledb.restoring = on");
        assertRefused(
                () -> prepare(target),
                Problem.UNSUITABLE,
                "timescaledb.restoring is on in database " + database(target)
                        + ": another restore of it did not end, and rows would go astray",
                "end that restore with SELECT timescaledb_post_restore(), as superuser, or give another database");
    }

    @Test
    void missing_rights_come_with_their_grants() throws Exception {
        String target = server.createDatabase("denied", true);
        String uri = target.replace("postgres@", STRANGER + "@");
        assertRefused(
                () -> prepare(uri),
                Problem.DENIED,
                "role " + STRANGER + " may not restore into database " + database(target),
                "GRANT CREATE ON DATABASE \"" + database(target) + "\" TO \"" + STRANGER + "\"; GRANT \"" + OWNER
                        + "\" TO \"" + STRANGER + "\"; GRANT \"postgres\" TO \"" + STRANGER + "\";");
    }

    @Test
    void a_missing_role_comes_with_its_statement() throws Exception {
        Path manifest = manifestWithoutChecksum();
        Files.writeString(manifest, Files.readString(manifest).replace(OWNER, "hk_nobody"));
        String target = server.createDatabase("roles", true);
        assertRefused(
                () -> prepare(target),
                Problem.UNSUITABLE,
                "the target's server does not have the role hk_nobody, which owns objects of the backup",
                "create them: CREATE ROLE \"hk_nobody\";");
    }

    @Test
    void a_locale_that_the_target_does_not_have_is_refused() throws Exception {
        Path manifest = manifestWithoutChecksum();
        String collation = plan().manifest().source().collation();
        Files.writeString(
                manifest,
                Files.readString(manifest)
                        .replace("\"collation\" : \"" + collation + "\"", "\"collation\" : \"xx_YY\""));
        assertThatThrownBy(() -> new PrepareTarget(connections(server.uri("hk_never_created")), "hyperkeep/1")
                        .createDatabase(plan()))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.problem()).isEqualTo(Problem.UNSUITABLE);
                    assertThat(e.getMessage())
                            .startsWith("cannot create database hk_never_created with the source's locale: ")
                            .contains("xx_YY");
                    assertThat(e.hint())
                            .isEqualTo("install locale xx_YY on the target's machine, or create the database with"
                                    + " another one and restore without --create-database: text may then sort"
                                    + " differently");
                });
    }

    @Test
    void a_pattern_without_a_match_is_a_usage_error_with_a_suggestion() {
        assertRefused(
                () -> PlanRestore.run(
                        backup.manifest(),
                        new TableSelection(List.of("public.metrcs"), List.of()),
                        RestoreOptions.DEFAULT),
                Problem.USAGE,
                "no table of backup " + whole.id() + " matches public.metrcs",
                "did you mean public.metrics?");
        assertRefused(
                () -> PlanRestore.run(
                        backup.manifest(),
                        new TableSelection(List.of("nothing.like*it"), List.of()),
                        RestoreOptions.DEFAULT),
                Problem.USAGE,
                "no table of backup " + whole.id() + " matches nothing.like*it",
                "it has public.metrics, public.plain");
        assertRefused(
                () -> PlanRestore.run(
                        backup.manifest(),
                        new TableSelection(List.of("plain"), List.of("*.*")),
                        RestoreOptions.DEFAULT),
                Problem.USAGE,
                "--include and --exclude together select no table of backup " + whole.id(),
                "`hyperkeep show` lists its tables");
    }

    @Test
    void a_unit_with_another_count_is_not_committed() throws Exception {
        Path manifest = manifestWithoutChecksum();
        JsonNode json = JsonMapper.shared().readTree(manifest.toFile());
        ObjectNode unit = (ObjectNode) json.path("tables").path(1).path("units").path(0);
        int rows = unit.path("rows").asInt();
        unit.put("rows", rows + 1);
        JsonMapper.shared().writeValue(manifest.toFile(), json);
        String target = server.createDatabase("count", false);
        WholeRestore restore = new WholeRestore(backup, connections(target), TableSelection.ALL, 1);
        restore.until("import");
        assertRefused(
                () -> restore.step("import"),
                Problem.MISMATCH,
                "cannot import " + unit.path("file").asString() + " into public.plain: the server took " + rows
                        + " rows, but the backup says that there are " + (rows + 1),
                "nothing of this file was kept; `hyperkeep verify` says whether the file is whole");
        execute(
                target,
                "SELECT 1 / (count(*) = 0)::int FROM hyperkeep.ledger WHERE item = 'unit "
                        + unit.path("id").asString() + "'");
    }

    /** So that a test can let the backup say something else. */
    private Path manifestWithoutChecksum() throws IOException {
        Files.delete(backup.path().resolve("manifest.json.sha256"));
        return backup.path().resolve(BackupFolder.MANIFEST);
    }

    private RestorePlan plan() {
        return PlanRestore.run(backup.manifest(), TableSelection.ALL, RestoreOptions.DEFAULT);
    }

    private void prepare(String target) {
        new PrepareTarget(connections(target), "hyperkeep/1").run(plan());
    }

    private static void assertRefused(ThrowingCallable call, Problem problem, String what, String hint) {
        assertThatThrownBy(call).isInstanceOfSatisfying(BackupException.class, e -> {
            assertThat(e.text()).isEqualTo(what + EOL + "HINT: " + hint);
            assertThat(e.problem()).isEqualTo(problem);
        });
    }

    private void assertNoLedger(String target) throws SQLException {
        execute(target, "SELECT 1 / (to_regnamespace('hyperkeep') IS NULL)::int");
    }

    private String name(Path file) {
        return backup.databaseFolder().relativize(file).toString();
    }

    private static void execute(String uri, String... sql) throws SQLException {
        try (Connection connection = server.connect(uri)) {
            Query.execute(connection, sql);
        }
    }

    private static Connections connections(String uri) {
        return MakeBackup.connections(uri, server.clientTools());
    }

    private static String database(String uri) {
        return connections(uri).address().database();
    }
}
