package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.storage.BackupFolder;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import tools.jackson.databind.JsonNode;

/**
 * A backup of a database that others change meanwhile.
 *
 * <p>What can happen between any two steps, and what must come of it:
 *
 * <ol>
 *   <li>Before the locks (tables are listed, nothing is locked): everything can. A change is in the backup, since the
 *       snapshot comes later. A listed table that is dropped fails the run by its name where it was to be locked, and is
 *       not in the snapshot where it was not. A table that is created now is in
 *       the snapshot but was not listed: it has to be locked too, or what is done to it later would not be noticed.
 *   <li>Between the holder's locks and the snapshot: strict lets DML, new chunks and new tables through, and they are in
 *       the backup; whatever would change a relation's file waits. Somebody who waits for ACCESS EXCLUSIVE now stands
 *       before the workers, which want the same locks as the holder: they must not wait for one another for ever. Light
 *       has no locks; all is in the backup.
 *   <li>Between the snapshot and the reading: strict as before, and nothing of it is in the backup. Light lets everything
 *       through. DML is invisible. A changed file (TRUNCATE, VACUUM FULL, CLUSTER, ALTER TYPE) shows rows that are newer
 *       than the snapshot, or none; a drop, none; another table under the old name, that one's rows. Each has to be
 *       noticed: the table is read anew, and the backup says so by name (exit 3); what can not be read anew fails by name.
 *       The schema is dumped by the snapshot, but pg_dump locks tables by their present names: a dropped one fails.
 *   <li>While a unit is read: its COPY holds ACCESS SHARE, so that in either mode only DML gets at its relation. Relations
 *       of later units are as in the step before.
 *   <li>Between the reading and the seal: files are complete; whatever happens to tables no longer matters. A lost holder
 *       matters no longer either, because every worker's snapshot is its own, but nothing is sealed then all the same.
 * </ol>
 */
@Timeout(180)
class BackupWhileOthersWriteTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @TempDir
    Path folder;

    /** Where the backup is held up while the others do what they like. */
    enum Instant {
        BEFORE_LOCKS("holder"),
        BEFORE_SNAPSHOT("worker-1"),
        BEFORE_READING("dump-schema"),
        WHILE_READING("dump-schema");

        private final String gate;

        Instant(String gate) {
            this.gate = gate;
        }
    }

    /** DML, which no backup may ever hold up. */
    private static final Map<String, String> WRITES = new LinkedHashMap<>();

    /** Changes of a relation's file or definition, by the table that they change. */
    private static final Map<String, String> CHANGES = new LinkedHashMap<>();

    static {
        WRITES.put("insert", "INSERT INTO public.plain SELECT g, 'new' FROM generate_series(1001, 1100) g");
        WRITES.put("update", "UPDATE public.plain SET v = 'changed' WHERE id <= 100");
        WRITES.put("delete", "DELETE FROM public.plain WHERE id BETWEEN 101 AND 200");
        WRITES.put("insert into chunks", "INSERT INTO public.metrics SELECT t, 9 FROM public.metrics");
        WRITES.put("update chunks", "UPDATE public.metrics SET v = -v WHERE v < 100");
        WRITES.put("delete from chunks", "DELETE FROM public.metrics WHERE v BETWEEN 100 AND 150");
        WRITES.put(
                "new chunks",
                "INSERT INTO public.metrics SELECT '2026-03-01'::timestamptz + g * interval '1 day', g"
                        + " FROM generate_series(0, 9) g");
        CHANGES.put("truncated", "TRUNCATE public.truncated");
        CHANGES.put("chunk_truncated", """
                DO $$ DECLARE c regclass; BEGIN
                    SELECT show_chunks('public.chunk_truncated') INTO c; EXECUTE 'TRUNCATE ' || c;
                END $$""");
        CHANGES.put("chunk_dropped", "SELECT drop_chunks('public.chunk_dropped', '2026-01-03'::timestamptz)");
        CHANGES.put("column_added", "ALTER TABLE public.column_added ADD COLUMN more int DEFAULT 7");
        CHANGES.put("vacuumed", "VACUUM FULL public.vacuumed");
        CHANGES.put("clustered", "CLUSTER public.clustered USING clustered_pkey");
    }

    private static final String SWAP =
            "ALTER TABLE public.swapped RENAME TO swapped_old;" + " ALTER TABLE public.swapped_new RENAME TO swapped";
    private static final String DROP = "DROP TABLE public.dropped";
    private static final String RETYPE =
            "ALTER TABLE public.retyped ALTER COLUMN v TYPE numeric(12, 2) USING id + 0.25";

    @ParameterizedTest
    @CsvSource({
        "BEFORE_LOCKS, strict", "BEFORE_SNAPSHOT, strict", "BEFORE_READING, strict", "WHILE_READING, strict",
        "BEFORE_LOCKS, light", "BEFORE_SNAPSHOT, light", "BEFORE_READING, light", "WHILE_READING, light"
    })
    void a_backup_is_the_snapshot_or_names_what_is_not(Instant instant, String lock) throws Exception {
        Operator operator = new Operator(folder, server);
        String source = busyDatabase();
        Map<String, String> before = contents(source);
        Map<String, String> changes = new LinkedHashMap<>(CHANGES);
        if (!lock.equals(
                instant == Instant.BEFORE_LOCKS ? "strict" : instant == Instant.BEFORE_READING ? "light" : "")) {
            // where these fail a run, other tests say how
            changes.put("swapped", SWAP);
            changes.put("dropped", DROP);
        }
        if (lock.equals("strict") || instant.ordinal() < Instant.BEFORE_READING.ordinal()) {
            changes.put("retyped", RETYPE);
        }
        Set<String> refused = new LinkedHashSet<>();
        Map<String, String> truth;
        Operator.Ended ended;
        try (HeldUp backup = new HeldUp(operator, source, instant, lock)) {
            WRITES.forEach(
                    (what, sql) -> assertThat(isDone(source, sql)).as(what).isTrue());
            changes.forEach((what, sql) -> {
                if (!isDone(source, sql)) {
                    refused.add(what);
                }
            });
            if (instant == Instant.WHILE_READING) {
                assertThat(isDone(source, "UPDATE public.being_read SET note = 'x' WHERE id < 100"))
                        .isTrue();
                assertThat(isDone(source, "DELETE FROM public.being_read WHERE id BETWEEN 100 AND 200"))
                        .isTrue();
                assertThat(isDone(source, "TRUNCATE public.being_read")).isFalse();
            }
            truth = instant.ordinal() < Instant.BEFORE_READING.ordinal() ? contents(source) : before;
            ended = backup.goOn();
        }

        boolean locked = lock.equals("strict") && instant != Instant.BEFORE_LOCKS;
        assertThat(refused).isEqualTo(locked ? changes.keySet() : Set.of());
        boolean changedInside = lock.equals("light") && instant.ordinal() >= Instant.BEFORE_READING.ordinal();
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(changedInside ? 3 : 0);
        JsonNode said = ended.json();
        assertThat(said.get("consistent").asBoolean()).isEqualTo(!changedInside);
        Map<String, String> restored = contents(restored(operator, source));
        String warnings = said.get("warnings").toString();
        Set<String> different = new LinkedHashSet<>();
        truth.forEach((table, content) -> {
            if (!content.equals(restored.get(table))) {
                different.add(table);
                assertThat(warnings)
                        .as("table %s has %s instead of %s, and this is said", table, restored.get(table), content)
                        .contains("\"public." + table + " was changed physically while it was read");
            }
        });
        if (changedInside) {
            assertThat(different).contains("truncated", "chunk_truncated", "chunk_dropped");
            if (instant == Instant.WHILE_READING) {
                assertThat(different).contains("swapped", "swapped_new", "dropped");
            }
            assertThat(warnings).contains("public.vacuumed was changed", "public.clustered was changed");
        } else {
            assertThat(restored).isEqualTo(truth);
        }
    }

    @Test
    void a_listed_table_that_is_dropped_before_the_locks_fails_the_run_by_its_name() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = busyDatabase();
        Operator.Ended ended;
        try (HeldUp backup = new HeldUp(operator, source, Instant.BEFORE_LOCKS, "strict")) {
            assertThat(isDone(source, DROP)).isTrue();
            ended = backup.goOn();
        }

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.json().get("state").asString()).isEqualTo("FAILED");
        assertThat(ended.err()).contains("relation \\\"public.dropped\\\" does not exist");
        assertThat(operator.leftovers()).isEmpty();
    }

    @Test
    void without_locks_a_table_that_is_dropped_before_the_snapshot_is_not_in_the_backup() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = busyDatabase();
        Operator.Ended ended;
        try (HeldUp backup = new HeldUp(operator, source, Instant.BEFORE_LOCKS, "light")) {
            assertThat(isDone(source, DROP)).isTrue();
            ended = backup.goOn();
        }

        assertThat(ended.exitCode()).as(ended.err()).isZero();
        BackupFolder sealed = new BackupFolder(Path.of(ended.json().get("path").asString()));
        assertThat(sealed.manifest().tables())
                .extracting(table -> table.name().toString())
                .contains("public.truncated")
                .doesNotContain("public.dropped");
    }

    @Test
    void without_locks_a_table_that_was_asked_for_and_is_dropped_before_the_snapshot_fails_the_run() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = busyDatabase();
        Operator.Ended ended;
        try (HeldUp backup = new HeldUp(
                operator,
                source,
                Instant.BEFORE_LOCKS,
                "light",
                "--include",
                "public.plain",
                "--include",
                "public.dropped")) {
            assertThat(isDone(source, DROP)).isTrue();
            ended = backup.goOn();
        }

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err()).contains("the tables of pattern public.dropped were dropped just before the snapshot");
        assertThat(operator.leftovers()).isEmpty();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "ALTER TABLE public.retyped ALTER COLUMN v TYPE numeric(12, 2) USING id + 0.25"
                        + " | since the snapshot, column v of public.retyped became numeric, it was text",
                "ALTER TABLE public.retyped ALTER COLUMN v TYPE varchar"
                        + " | since the snapshot, column v of public.retyped became character varying, it was text",
                "DROP TABLE public.dropped | relation \\\"public.dropped\\\" does not exist"
            })
    void without_locks_what_can_not_be_read_as_of_the_snapshot_fails_by_name(String change, String message)
            throws Exception {
        Operator operator = new Operator(folder, server);
        String source = busyDatabase();
        Operator.Ended ended;
        try (HeldUp backup = new HeldUp(operator, source, Instant.BEFORE_READING, "light")) {
            assertThat(isDone(source, change)).isTrue();
            ended = backup.goOn();
        }

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(1);
        assertThat(ended.err()).contains(message);
        assertThat(operator.leftovers()).isEmpty();
    }

    @Test
    void without_locks_rows_that_move_between_slices_fail_the_table_by_name() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = busyDatabase();
        ServerSays.done(server, source, "DELETE FROM public.being_read WHERE id % 3 = 0");
        Operator.Ended ended;
        try (HeldUp backup = new HeldUp(operator, source, Instant.BEFORE_READING, "light", "--slice-size", "512KiB")) {
            assertThat(isDone(source, "VACUUM FULL public.being_read")).isTrue();
            ended = backup.goOn();
        }

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(1);
        assertThat(ended.err())
                .contains("since the snapshot, public.being_read was truncated or rewritten, and it is read in slices");
        assertThat(operator.leftovers()).isEmpty();
    }

    @Test
    void a_table_that_comes_before_the_snapshot_is_locked_too() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = busyDatabase();
        Operator.Ended ended;
        Map<String, String> truth;
        try (Gate later = Gate.close(server, source, "dump-schema");
                HeldUp backup = new HeldUp(operator, source, Instant.BEFORE_LOCKS, "strict")) {
            ServerSays.done(
                    server,
                    source,
                    "CREATE TABLE public.late AS SELECT g AS id FROM generate_series(1, 50) g",
                    "ALTER TABLE public.swapped RENAME TO renamed");
            ServerSays.done(
                    server,
                    source,
                    "ALTER TABLE public.swapped_new RENAME TO swapped",
                    "CREATE TABLE public.swapped_new (id int)");
            truth = contents(source);
            backup.gate.open();
            later.awaitSomebody();
            assertThat(isDone(source, "TRUNCATE public.late")).isFalse();
            assertThat(isDone(source, "TRUNCATE public.renamed")).isFalse();
            later.open();
            ended = backup.goOn();
        }

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(contents(restored(operator, source))).isEqualTo(truth);
    }

    @Test
    void a_second_backup_of_the_database_is_refused_and_names_the_first() throws Exception {
        Operator operator = new Operator(folder.resolve("first"), server);
        Operator other = new Operator(folder.resolve("second"), server);
        java.nio.file.Files.createDirectories(operator.folder);
        java.nio.file.Files.createDirectories(other.folder);
        String source = busyDatabase();
        try (HeldUp backup = new HeldUp(operator, source, Instant.BEFORE_READING, "strict")) {
            Operator.Ended second = other.run(other.backup(source));

            assertThat(second.exitCode()).isEqualTo(11);
            assertThat(second.failure())
                    .matches("hyperkeep: database " + name(source) + " is locked by another run: hyperkeep/1/lock,"
                            + " server process \\d+, since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d:\\d\\d UTC\n"
                            + "HINT: wait for it to end, or end it: `hyperkeep runs list`, on the machine that it runs on,"
                            + " names it\\.\n");
            assertThat(other.files()).noneMatch(file -> file.startsWith(other.repository.toString()));
            assertThat(backup.goOn().exitCode()).isEqualTo(0);
        }
        assertThat(other.run(other.backup(source)).exitCode()).isEqualTo(0);
    }

    @ParameterizedTest
    @CsvSource({"BEFORE_READING", "WHILE_READING"})
    void a_lost_holder_fails_the_run_at_once(Instant instant) throws Exception {
        Operator operator = new Operator(folder, server);
        String source = busyDatabase();
        Operator.Ended ended;
        try (HeldUp backup = new HeldUp(operator, source, instant, "strict", "--max-attempts", "1")) {
            kill(source, "holder");
            // nothing that the run waits for is let go
            ended = backup.running.get(20, TimeUnit.SECONDS);
        }

        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.err())
                .contains("the session that holds the snapshot has ended, so the tables can no longer be read as of one"
                        + " instant");
        assertThat(operator.leftovers()).isEmpty();
    }

    @Test
    void a_lock_that_is_not_had_in_time_fails_by_name() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = busyDatabase();
        try (Connection other = server.connect(source);
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE public.plain IN ACCESS EXCLUSIVE MODE");
            Operator.Ended ended = operator.run(operator.backup(source, "--lock-timeout", "500ms"));

            assertThat(ended.exitCode()).isEqualTo(1);
            assertThat(ended.failure())
                    .startsWith("hyperkeep: cannot take a snapshot of ")
                    .contains("canceling statement due to lock timeout")
                    .contains("public.plain is locked by session ")
                    .contains("hyperkeep tests");
        }
        assertThat(operator.leftovers()).isEmpty();
    }

    @Test
    void whoever_waits_for_our_locks_is_named_in_the_log() throws Exception {
        Operator operator = new Operator(folder, server);
        String source = busyDatabase();
        Operator.Ended ended;
        try (Connection other = server.connect(source);
                HeldUp backup = new HeldUp(operator, source, Instant.WHILE_READING, "strict")) {
            CompletableFuture<Void> waiting = CompletableFuture.runAsync(() -> {
                try (Statement statement = other.createStatement()) {
                    statement.execute("TRUNCATE public.plain");
                } catch (SQLException e) {
                    throw new IllegalStateException(e);
                }
            });
            ServerSays.yes(server, source, "the run looked at who waits", """
                    SELECT EXISTS (SELECT FROM pg_stat_activity w JOIN pg_stat_activity o ON o.query LIKE 'TRUNCATE%'
                                     AND o.datname = w.datname AND o.wait_event_type = 'Lock'
                                   WHERE w.datname = current_database() AND w.application_name LIKE 'hyperkeep/%/watch'
                                     AND w.state = 'idle' AND w.query_start > o.query_start + interval '200 ms')""");
            ended = backup.goOn();
            waiting.get(20, TimeUnit.SECONDS);
        }

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(ended.err())
                .containsPattern("session \\d+ \\(postgres, hyperkeep tests\\) waits for a lock that the backup holds:"
                        + " TRUNCATE public\\.plain");
    }

    private static String name(String uri) {
        return uri.replaceAll(".*/", "").replaceAll("\\?.*", "");
    }

    private static void kill(String uri, String session) {
        assertThat(ServerSays.one(server, uri, """
                SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity
                 WHERE datname = current_database() AND application_name ~ '^hyperkeep/[0-9]+/%s$'
                """.formatted(session))).isEqualTo("1");
    }

    /** The run of a backup that stands still at an instant. */
    private final class HeldUp implements AutoCloseable {
        private final Gate gate;
        private final CompletableFuture<Operator.Ended> running;
        private Connection stall;

        HeldUp(Operator operator, String source, Instant instant, String lock, String... more) throws SQLException {
            gate = Gate.close(server, source, instant.gate);
            running = operator.begin(
                    Operator.with(operator.backup(source, "--output", "json", "--jobs", "1", "--lock", lock), more));
            gate.awaitSomebody();
            if (instant == Instant.WHILE_READING) {
                // a large value is fetched by its index: until this ends, COPY stands in the middle of its table
                stall = server.connect(source);
                stall.setAutoCommit(false);
                try (Statement statement = stall.createStatement()) {
                    statement.execute(ServerSays.one(stall, """
                            SELECT 'REINDEX INDEX ' || i.indexrelid::regclass FROM pg_class c
                              JOIN pg_index i ON i.indrelid = c.reltoastrelid
                             WHERE c.oid = 'public.being_read'::regclass"""));
                }
                gate.open();
                ServerSays.yes(server, source, "COPY stands still", """
                        SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database()
                                        AND application_name LIKE 'hyperkeep/%/worker-1' AND wait_event_type = 'Lock'
                                        AND query LIKE 'COPY%being\\_read%')""");
            }
        }

        Operator.Ended goOn() throws Exception {
            gate.open();
            if (stall != null) {
                stall.rollback();
            }
            return running.get(60, TimeUnit.SECONDS);
        }

        @Override
        public void close() throws SQLException {
            gate.close();
            if (stall != null) {
                stall.close();
            }
        }
    }

    private static String busyDatabase() throws SQLException {
        String uri = server.createDatabase("busy", true);
        ServerSays.done(
                server,
                uri,
                "CREATE TABLE public.plain (id int PRIMARY KEY, v text)",
                "INSERT INTO public.plain SELECT g, 'v' || g FROM generate_series(1, 1000) g",
                // the biggest, so that it is read first
                "CREATE TABLE public.being_read (id int PRIMARY KEY, note text, big text)",
                "ALTER TABLE public.being_read ALTER COLUMN big SET STORAGE EXTERNAL",
                "INSERT INTO public.being_read SELECT g, repeat('n', 500) FROM generate_series(1, 4000) g",
                "INSERT INTO public.being_read VALUES (4001, 'the last', repeat('b', 100000))");
        for (String hypertable : List.of("metrics", "chunk_truncated", "chunk_dropped")) {
            ServerSays.done(
                    server,
                    uri,
                    "CREATE TABLE public." + hypertable + " (t timestamptz NOT NULL, v int)",
                    "SELECT create_hypertable('public." + hypertable
                            + "', 't', chunk_time_interval => interval '1 day')",
                    "INSERT INTO public." + hypertable + " SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g"
                            + " FROM generate_series(0, 95) g");
        }
        for (String table : List.of(
                "truncated", "column_added", "vacuumed", "clustered", "swapped", "swapped_new", "dropped", "retyped")) {
            ServerSays.done(
                    server,
                    uri,
                    "CREATE TABLE public." + table + " (id int PRIMARY KEY, v text)",
                    "INSERT INTO public." + table + " SELECT g, '" + table + "' || g FROM generate_series(1, 300) g");
        }
        Gate.build(server, uri);
        return uri;
    }

    /** Does what somebody else would do; false when a lock is in the way. */
    private static boolean isDone(String uri, String sql) {
        try (Connection connection = server.connect(uri);
                Statement statement = connection.createStatement()) {
            statement.execute("SET lock_timeout = '150ms'");
            statement.execute(sql);
            return true;
        } catch (SQLException e) {
            assertThat(e.getSQLState()).as(e.getMessage()).isEqualTo("55P03");
            return false;
        }
    }

    /** Of each table of schema public, its number of rows and a checksum of them. */
    private static Map<String, String> contents(String uri) throws SQLException {
        Map<String, String> contents = new TreeMap<>();
        try (Connection connection = server.connect(uri)) {
            for (String table : ServerSays.all(
                    server, uri, "SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY tablename")) {
                contents.put(
                        table,
                        ServerSays.one(
                                connection,
                                "SELECT count(*) || ' rows, ' || coalesce(md5(string_agg(t::text, ',' ORDER BY t::text)), '')"
                                        + " FROM public." + table + " t"));
            }
        }
        return contents;
    }

    /** Restores the newest backup and returns where; the restore itself compares with the manifest. */
    private static String restored(Operator operator, String source) throws SQLException {
        String target = server.newDatabase("restored");
        Operator.Ended ended = operator.run(operator.restore("latest", target));
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        return target;
    }
}
