package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;

/**
 * Server processes that end, and deadlocks, in the middle of a unit: the run outlives them, and says so. Runs are held
 * up at a known point, so that what ends is in the middle of its COPY.
 */
@Timeout(180)
class RetryTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    private static final String WORKER = "application_name ~ '^hyperkeep/[0-9]+/worker-1$'";
    private static final String IMPORTER = "application_name ~ '^hyperkeep/[0-9]+/import-1$'";

    @TempDir
    Path folder;

    private Operator operator;
    private String source;

    @BeforeEach
    void fill() throws SQLException {
        operator = new Operator(folder, server);
        source = server.createDatabase("retried", true);
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.big (id int PRIMARY KEY, note text, big text)",
                "ALTER TABLE public.big ALTER COLUMN big SET STORAGE EXTERNAL",
                "INSERT INTO public.big SELECT g, repeat('n', 500) FROM generate_series(1, 4000) g",
                "INSERT INTO public.big VALUES (4001, 'the last', repeat('b', 100000))",
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g"
                        + " FROM generate_series(0, 95) g");
    }

    @ParameterizedTest
    @ValueSource(strings = {"strict", "light"})
    void a_backup_outlives_a_worker_and_is_of_the_same_snapshot(String lock) throws Exception {
        CompletableFuture<Operator.Ended> backup;
        try (Connection session = holdUpExport()) {
            try (Gate gate = Gate.close(server, source, "dump-schema")) {
                backup = operator.begin(operator.backup(source, "--jobs", "1", "--lock", lock, "--output", "json"));
                gate.awaitSomebody();
                ServerSays.run(session, "REINDEX INDEX " + toastIndex());
                gate.open();
                waits(source, WORKER);
            }
            // after the snapshot: not for this backup, whichever session reads
            ServerSays.done(server, source, "INSERT INTO public.metrics VALUES ('2026-01-02 00:30+00', -1)");
            end(source, WORKER);
        }
        Operator.Ended ended = backup.get(90, TimeUnit.SECONDS);
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(ended.err())
                .containsPattern("WARN.*the export of public.big, unit .* is tried again, try 2 of 5: cannot export"
                        + " public.big, unit ");
        assertThat(ended.json().get("consistent").asBoolean()).isTrue();
        assertThat(ended.json().get("rows").asLong()).isEqualTo(4001 + 96);
        assertThat(operator.leftovers().stream().filter(file -> file.endsWith(".tmp")))
                .isEmpty();

        JsonNode retried = show(1).get("retriedUnits");
        assertThat(retried).hasSize(1);
        assertThat(retried.get(0).get("table").asString()).isEqualTo("public.big");
        assertThat(retried.get(0).get("tries").asInt()).isEqualTo(2);
        assertThat(operator.run("runs", "show", "1").out()).containsPattern("unit u[0-9]+ \\(.*\\) took 2 tries\n");

        String target = server.newDatabase("retried");
        assertThat(operator.run(operator.restore("latest", target)).exitCode()).isEqualTo(0);
    }

    @Test
    void a_backup_does_not_outlive_the_holder() throws Exception {
        CompletableFuture<Operator.Ended> backup;
        try (Connection session = holdUpExport()) {
            try (Gate gate = Gate.close(server, source, "dump-schema")) {
                backup = operator.begin(operator.backup(source, "--jobs", "1", "--max-attempts", "1"));
                gate.awaitSomebody();
                ServerSays.run(session, "REINDEX INDEX " + toastIndex());
                gate.open();
                waits(source, WORKER);
            }
            end(source, "application_name ~ '^hyperkeep/[0-9]+/holder$'");
            end(source, WORKER);
        }
        Operator.Ended ended = backup.get(90, TimeUnit.SECONDS);
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(1);
        assertThat(ended.failure())
                .isEqualTo("hyperkeep: the session that holds the snapshot has ended, so the tables can no longer be"
                        + " read as of one instant\n"
                        + "HINT: see the server's log for who ended it; run the backup again\n");
        assertThat(ended.err()).doesNotContain("try 3 of 5");
        assertThat(operator.leftovers()).isEmpty();
    }

    @Test
    void a_restore_outlives_an_importer_and_imports_its_unit_once() throws Exception {
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
        String target = server.newDatabase("retried");
        Gate.build(server, target);
        CompletableFuture<Operator.Ended> restore;
        try (Connection session = server.connect(target)) {
            session.setAutoCommit(false);
            try (Gate gate = Gate.close(server, target, "import")) {
                restore = operator.begin(operator.restore("latest", target, "--jobs", "1"));
                gate.awaitSomebody();
                ServerSays.run(session, "LOCK TABLE public.big IN SHARE MODE");
                gate.open();
                waits(target, IMPORTER);
            }
            end(target, IMPORTER);
        }
        requireRestored(target, restore.get(90, TimeUnit.SECONDS));
    }

    @Test
    void a_deadlock_is_tried_again() throws Exception {
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
        String target = server.newDatabase("retried");
        Gate.build(server, target);
        // the other session is in the deadlock long before the importer looks for one, and never looks itself
        ServerSays.done(
                server,
                target,
                "DO $$ BEGIN EXECUTE format('ALTER DATABASE %I SET deadlock_timeout = ''5s''', current_database()); END $$");
        CompletableFuture<Operator.Ended> restore;
        try (Connection session = server.connect(target)) {
            session.setAutoCommit(false);
            ServerSays.run(session, "SET deadlock_timeout = '1h'");
            try (Gate gate = Gate.close(server, target, "import")) {
                restore = operator.begin(operator.restore("latest", target, "--jobs", "1"));
                gate.awaitSomebody();
                ServerSays.run(session, "LOCK TABLE public.big IN SHARE MODE");
                gate.open();
                waits(target, IMPORTER);
            }
            // ends when the importer was chosen as the victim
            ServerSays.run(session, "LOCK TABLE hyperkeep.ledger IN SHARE MODE");
        }
        Operator.Ended ended = restore.get(90, TimeUnit.SECONDS);
        assertThat(ended.err())
                .contains("is tried again, try 2 of 5: cannot import")
                .contains(": deadlock detected");
        requireRestored(target, ended);
    }

    @Test
    void what_is_permanent_fails_at_once() throws Exception {
        assertThat(operator.run(operator.backup(source)).exitCode()).isEqualTo(0);
        String target = server.newDatabase("retried");
        Gate.build(server, target);
        CompletableFuture<Operator.Ended> restore;
        try (Gate gate = Gate.close(server, target, "import")) {
            restore = operator.begin(operator.restore("latest", target, "--jobs", "1"));
            gate.awaitSomebody();
            ServerSays.done(
                    server,
                    target,
                    "ALTER TABLE public.big ADD CONSTRAINT in_the_way UNIQUE (note)",
                    "ALTER TABLE public.metrics ADD CONSTRAINT too CHECK (v < 0)");
        }
        Operator.Ended ended = restore.get(90, TimeUnit.SECONDS);
        assertThat(ended.exitCode()).isEqualTo(1);
        assertThat(ended.failure())
                .containsPattern("cannot import .* into public.big: duplicate key value violates unique constraint"
                        + " \"in_the_way\"");
        assertThat(ended.err()).doesNotContain("is tried again");
        JsonNode failed = show(2).get("failedUnits").get(0);
        assertThat(failed.get("tries").asInt()).isEqualTo(1);
    }

    private JsonNode show(int run) {
        return operator.run("runs", "show", String.valueOf(run), "--output", "json")
                .json();
    }

    private void requireRestored(String target, Operator.Ended ended) {
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(ended.err())
                .containsPattern("WARN.*the import of data/public.big/.* into public.big is tried again, try 2 of 5:"
                        + " cannot import");
        for (String table : new String[] {"public.big", "public.metrics"}) {
            String rows = "SELECT count(*) || md5(string_agg(x::text, ',' ORDER BY x::text)) FROM " + table + " x";
            assertThat(ServerSays.one(server, target, rows)).isEqualTo(ServerSays.one(server, source, rows));
        }
        assertThat(ServerSays.one(server, target, "SELECT to_regnamespace('hyperkeep') IS NULL"))
                .isEqualTo("t");
    }

    /** The session that will hold the lock behind the gate. */
    private Connection holdUpExport() throws SQLException {
        Gate.build(server, source);
        Connection session = server.connect(source);
        session.setAutoCommit(false);
        return session;
    }

    /** A large value is fetched by this index: COPY stands in the middle of the table. */
    private String toastIndex() {
        return ServerSays.one(server, source, """
                SELECT i.indexrelid::regclass FROM pg_class c
                  JOIN pg_index i ON i.indrelid = c.reltoastrelid WHERE c.oid = 'public.big'::regclass""");
    }

    private static void waits(String uri, String whose) {
        ServerSays.yes(server, uri, "the session stands in its COPY", """
                SELECT EXISTS (SELECT FROM pg_stat_activity WHERE datname = current_database() AND %s
                                AND wait_event_type = 'Lock' AND wait_event = 'relation')""".formatted(whose));
    }

    private static void end(String uri, String whose) {
        assertThat(ServerSays.one(server, uri, """
                SELECT coalesce(bool_and(pg_terminate_backend(pid, 10000)), false) FROM pg_stat_activity
                 WHERE datname = current_database() AND %s""".formatted(whose))).isEqualTo("t");
    }
}
