package io.hyperkeep.check;

import static io.hyperkeep.check.CheckFixture.as;
import static io.hyperkeep.check.CheckFixture.bad;
import static io.hyperkeep.check.CheckFixture.of;
import static io.hyperkeep.check.CheckFixture.request;
import static io.hyperkeep.check.CheckFixture.text;
import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.Hyperkeep;
import io.hyperkeep.database.TestConnections;
import io.hyperkeep.discovery.ServerCapabilities;
import io.hyperkeep.export.LockBudget;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.TableName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestInstance;
import org.junit.jupiter.api.io.TempDir;

/** What every server must be told the same way. */
@TestInstance(TestInstance.Lifecycle.PER_CLASS)
abstract class ChecksOnAServer {
    private static final String[] TABLES = {
        "CREATE SCHEMA app",
        "CREATE SCHEMA pieces",
        "CREATE TABLE public.metrics (ts timestamptz NOT NULL, value float8)",
        "SELECT create_hypertable('public.metrics', 'ts', chunk_time_interval => interval '1 day',"
                + " associated_schema_name => 'pieces')",
        "INSERT INTO public.metrics SELECT timestamptz '2026-01-01' + i * interval '6 hours', i FROM generate_series(0, 7) i",
        "CREATE TABLE app.orders (id bigint GENERATED ALWAYS AS IDENTITY PRIMARY KEY, note text)",
        "INSERT INTO app.orders (note) SELECT 'x' FROM generate_series(1, 10)",
        "CREATE TABLE app.\"Odd \"\"name\" (a int)",
        "CREATE SEQUENCE app.tickets",
    };

    private final TimescaleServer server;
    private final CheckFixture fixture;

    @TempDir
    Path folder;

    ChecksOnAServer(TimescaleServer server) {
        this.server = server;
        this.fixture = new CheckFixture(server);
    }

    @AfterAll
    void dropRoles() throws SQLException {
        fixture.close();
    }

    @Test
    void a_superuser_of_a_good_database_sees_that_all_is_well() throws Exception {
        String uri = fixture.database("good", TABLES);
        Path repository = folder.resolve("repository");

        assertThat(text(fixture.check(uri, request(repository, 2))).replaceAll("(connection: )[^,]*", "$1ADDRESS"))
                .isEqualTo("""
                        OK connection: ADDRESS, as a superuser
                        OK server: PostgreSQL %1$s
                        OK clock: the server's clock and this machine's agree
                        OK encoding: encoding UTF8, collation %2$s, character type %2$s
                        OK timescaledb: TimescaleDB %3$s, %4$s edition
                        OK client-tools: pg_dump %1$s (TOOLS/pg_dump)
                        OK client-tools: pg_restore %1$s (TOOLS/pg_restore)
                        OK client-tools: psql %1$s (TOOLS/psql)
                        OK locks: nobody holds or awaits a lock that a backup would wait for
                        OK selection: 3 of 3 tables; 1 hypertable, 2 chunks
                        OK privileges: role %5$s may read everything that a backup reads
                        OK lock-mode: ROW SHARE locks can be had on every table
                        OK lock-budget: 5 relations to lock in 4 sessions; the server's lock table has room for %6$s
                        OK connections: a backup with 2 jobs opens 6 connections, N are left of max_connections
                        OK repository: %7$s will be created by the first backup
                        OK space: N MiB free, a backup may take about 1 MiB (an estimate: a quarter of the tables' size on disk)
                        OK uncarried: nothing in this database is left out of a backup
                        OK jobs: none is running or due within ten minutes
                        """.formatted(
                                one(uri, "SELECT split_part(current_setting('server_version'), ' ', 1)"),
                                one(uri, "SELECT datcollate FROM pg_database WHERE datname = current_database()"),
                                one(uri, "SELECT extversion FROM pg_extension WHERE extname = 'timescaledb'"),
                                server.edition().equals("apache") ? "Apache" : "Community",
                                one(uri, "SELECT current_user"),
                                one(
                                        uri,
                                        "SELECT current_setting('max_locks_per_transaction')::bigint"
                                                + " * (current_setting('max_connections')::bigint"
                                                + " + current_setting('max_prepared_transactions')::bigint)"),
                                repository)
                        .replace("TOOLS", server.clientTools().toString()));
        assertThat(repository).doesNotExist();
        assertThat(Files.list(folder)).isEmpty();
    }

    @Test
    void a_bare_role_is_told_every_grant_and_with_them_a_backup_runs() throws Exception {
        String uri = fixture.database("bare", TABLES);
        fixture.execute(uri, "ALTER TABLE app.orders ENABLE ROW LEVEL SECURITY");
        String role = fixture.role("");
        String bare = as(uri, role);

        List<Finding> findings = fixture.check(bare);
        assertThat(bad(findings)).isEqualTo("""
                ERROR privileges: role WHO may not use 2 schemas: app, pieces
                  -- as their owners, or as a superuser:
                  GRANT USAGE ON SCHEMA "app", "pieces" TO "WHO";
                  -- or, for every schema, table and sequence: GRANT pg_read_all_data TO "WHO";
                ERROR privileges: role WHO may not read 3 tables: app.Odd "name, app.orders, public.metrics
                  -- as their owners, or as a superuser:
                  GRANT SELECT ON TABLE "app"."Odd ""name", "app"."orders", "public"."metrics" TO "WHO";
                  -- or, for every schema, table and sequence: GRANT pg_read_all_data TO "WHO";
                ERROR privileges: role WHO may not read 2 sequences: app.orders_id_seq, app.tickets
                  -- as their owners, or as a superuser:
                  GRANT SELECT ON SEQUENCE "app"."orders_id_seq", "app"."tickets" TO "WHO";
                  -- or, for every schema, table and sequence: GRANT pg_read_all_data TO "WHO";
                ERROR row-security: row security may hide rows of app.orders from role WHO, and a backup refuses to read such tables
                  -- as a superuser; no other privilege shows every row:
                  ALTER ROLE "WHO" BYPASSRLS;
                WARNING lock-mode: without MAINTAIN on 3 tables (app.Odd "name, app.orders, public.metrics) only ACCESS SHARE locks are taken, which do not hold off every compression: rows of each compressed chunk are counted twice instead
                  -- as their owners, or as a superuser:
                  GRANT MAINTAIN ON TABLE "app"."Odd ""name", "app"."orders", "public"."metrics" TO "WHO";
                  -- or, for every table: GRANT pg_maintain TO "WHO";
                """.replace("WHO", role));
        assertThat(findings.stream().filter(finding -> finding.level() == Finding.Level.ERROR))
                .allMatch(Finding::denied);
        assertThat(backup(bare)).startsWith("12 ").contains("`hyperkeep check` names the GRANTs to run");

        for (Finding finding : findings) {
            if (finding.level() != Finding.Level.OK) {
                fixture.execute(uri, finding.hint());
            }
        }
        assertThat(bad(fixture.check(bare))).isEmpty();
        assertThat(backup(bare)).startsWith("0 backup ").contains("3 tables, 2 units, 18 rows");
    }

    @Test
    void tables_that_are_not_selected_need_a_privilege_too() throws Exception {
        String uri = fixture.database("selected", TABLES);
        String role = fixture.role("");
        fixture.execute(
                uri,
                "GRANT USAGE ON SCHEMA app, pieces TO \"" + role + "\"",
                "GRANT SELECT, MAINTAIN ON public.metrics TO \"" + role + "\"",
                "GRANT SELECT ON SEQUENCE app.tickets TO \"" + role + "\"");

        List<Finding> findings = fixture.check(as(uri, role), request(null, 2, "public.*"));
        assertThat(bad(findings)).isEqualTo("""
                ERROR privileges: role WHO may not read 2 tables: app.Odd "name, app.orders (2 not selected: the dump of the definitions locks every table)
                  -- as their owners, or as a superuser:
                  GRANT SELECT ON TABLE "app"."Odd ""name", "app"."orders" TO "WHO";
                  -- or, for every schema, table and sequence: GRANT pg_read_all_data TO "WHO";
                """.replace("WHO", role));
        assertThat(backup(as(uri, role), "--include", "public.*"))
                .contains("permission denied for table")
                .doesNotStartWith("0");
        fixture.execute(
                uri,
                findings.stream()
                        .filter(finding -> finding.level() == Finding.Level.ERROR)
                        .map(Finding::hint)
                        .toArray(String[]::new));
        assertThat(backup(as(uri, role), "--include", "public.*")).startsWith("0 backup ");
    }

    @Test
    void pg_read_all_data_is_enough_to_read_but_not_to_lock() throws Exception {
        String uri = fixture.database("reader", TABLES);
        String role = fixture.role("IN ROLE pg_read_all_data");

        assertThat(bad(fixture.check(as(uri, role)))).isEqualTo("""
                WARNING lock-mode: without MAINTAIN on 3 tables (app.Odd "name, app.orders, public.metrics) only ACCESS SHARE locks are taken, which do not hold off every compression: rows of each compressed chunk are counted twice instead
                  -- as their owners, or as a superuser:
                  GRANT MAINTAIN ON TABLE "app"."Odd ""name", "app"."orders", "public"."metrics" TO "WHO";
                  -- or, for every table: GRANT pg_maintain TO "WHO";
                """.replace("WHO", role));
        assertThat(backup(as(uri, role))).startsWith("0 backup ");
        server.execute("GRANT pg_maintain TO \"" + role + "\"");
        assertThat(bad(fixture.check(as(uri, role)))).isEmpty();
    }

    @Test
    void a_chunk_or_a_function_that_was_taken_away_is_named() throws Exception {
        String uri = fixture.database("taken", TABLES);
        String role = fixture.role("");
        fixture.execute(
                uri,
                "GRANT USAGE ON SCHEMA app, pieces TO \"" + role + "\"",
                "GRANT SELECT, MAINTAIN ON ALL TABLES IN SCHEMA app, public TO \"" + role + "\"",
                "GRANT SELECT ON ALL SEQUENCES IN SCHEMA app TO \"" + role + "\"",
                "REVOKE SELECT ON " + one(uri, "SELECT show_chunks('public.metrics')::text LIMIT 1") + " FROM \"" + role
                        + "\"",
                "REVOKE EXECUTE ON FUNCTION pg_control_system() FROM PUBLIC");

        List<Finding> findings = fixture.check(as(uri, role));
        assertThat(bad(findings)).isEqualTo("""
                ERROR privileges: role WHO may read public.metrics, but not all of the chunks, which are read one by one
                  -- a GRANT on a hypertable reaches its chunks; as their owners, or as a superuser:
                  GRANT SELECT ON TABLE "public"."metrics" TO "WHO";
                  -- or, for every schema, table and sequence: GRANT pg_read_all_data TO "WHO";
                ERROR privileges: role WHO may not call pg_catalog.pg_control_system()
                  -- as a superuser, in this database:
                  GRANT EXECUTE ON FUNCTION pg_catalog.pg_control_system() TO "WHO";
                """.replace("WHO", role));
        fixture.execute(
                uri,
                findings.stream()
                        .filter(finding -> finding.level() == Finding.Level.ERROR)
                        .map(Finding::hint)
                        .toArray(String[]::new));
        assertThat(bad(fixture.check(as(uri, role)))).isEmpty();
    }

    @Test
    void a_login_that_is_refused_is_a_finding_and_the_repository_is_looked_at_all_the_same() throws Exception {
        String uri = fixture.plainDatabase("refused");
        String database = one(uri, "SELECT current_database()");
        String role = fixture.role("");
        fixture.execute(uri, "REVOKE CONNECT ON DATABASE " + database + " FROM PUBLIC");
        Path repository = Files.createDirectory(folder.resolve("full"));
        Files.writeString(repository.resolve("note.txt"), "");

        List<Finding> findings = fixture.check(as(uri, role), request(repository, 2));
        assertThat(text(findings).replaceAll("cannot connect to .*?: ", "cannot connect to ADDRESS: "))
                .isEqualTo("""
                        ERROR connection: cannot connect to ADDRESS: permission denied for database "NAME"
                          -- as the database's owner, or as a superuser:
                          GRANT CONNECT ON DATABASE "NAME" TO "WHO";
                        ERROR repository: the folder FULL is not a repository, and not empty: it has note.txt
                          give an empty or a new folder
                        """.replace("NAME", database).replace("WHO", role).replace("FULL", repository.toString()));
        assertThat(findings.get(0).denied()).isTrue();
        fixture.execute(uri, findings.get(0).hint());
        assertThat(of("connection", fixture.check(as(uri, role)))).startsWith("OK connection: ");
    }

    @Test
    void a_database_without_timescaledb_is_plain_postgresql() throws Exception {
        String uri = fixture.plainDatabase("plain", "CREATE TABLE a (i int)");
        String role = fixture.role("IN ROLE pg_read_all_data");

        List<Finding> findings = fixture.check(as(uri, role));
        assertThat(bad(findings)).isEmpty();
        assertThat(of("timescaledb", findings))
                .isEqualTo("OK timescaledb: not in this database: its tables are backed up as plain PostgreSQL's\n");
        assertThat(of("selection", findings)).isEqualTo("OK selection: 1 of 1 table; 0 hypertables, 0 chunks\n");
        assertThat(of("lock-mode", findings))
                .isEqualTo("OK lock-mode: ACCESS SHARE locks, which are enough without hypertables\n");
        assertThat(text(findings)).doesNotContain(" jobs: ");
        assertThat(of("selection", fixture.check(uri, request(null, 2, "public.b"))))
                .isEqualTo("""
                        ERROR selection: no table matches the pattern 'public.b'
                          the database has public.a; a pattern is schema.table with * and ?, names with capitals in double quotes
                        """);
        assertThat(of("selection", fixture.check(fixture.plainDatabase("empty"))))
                .isEqualTo(
                        "WARNING selection: the database has no tables\n  a backup would hold definitions and no rows.\n");
    }

    @Test
    void a_program_that_is_missing_is_named_with_its_package() throws Exception {
        String uri = fixture.plainDatabase("tools", "CREATE TABLE a (i int)");
        String hint = "  install PostgreSQL N's client programs (Debian: postgresql-client-N) and set the folder that"
                + " holds them.\n";

        assertThat(bad(CheckFixture.check(uri, folder, InstantSource.system(), request(null, 2))))
                .isEqualTo(("ERROR client-tools: there is no pg_dump in FOLDER\n" + hint
                                + "ERROR client-tools: there is no pg_restore in FOLDER\n" + hint
                                + "WARNING client-tools: there is no psql in FOLDER; a backup does without, a restore does not\n"
                                + hint)
                        .replace("FOLDER", folder.toString())
                        .replace("N's", server.serverMajor() + "'s")
                        .replace("client-N", "client-" + server.serverMajor()));
    }

    @Test
    void a_lock_table_that_is_too_small_is_told_with_the_value_to_set() throws Exception {
        String uri = fixture.plainDatabase("locks", "CREATE TABLE parent (i int)", """
                DO $$ BEGIN FOR n IN 1..1200 LOOP
                  EXECUTE format('CREATE TABLE child_%s () INHERITS (parent)', n); END LOOP; END $$""");
        LockBudget budget;
        try (Connection connection = server.connect(uri)) {
            budget = LockBudget.read(connection, List.of(new TableName("public", "parent")));
        }
        assertThat(budget.relations()).isEqualTo(1201);

        assertThat(of("lock-budget", fixture.check(uri, request(null, 64))))
                .isEqualTo("""
                WARNING lock-budget: 1201 relations to lock in 66 sessions, but the server's lock table has room for %s: one session will hold the locks for all, and a chunk that somebody waits to change can stop the workers
                  raise max_locks_per_transaction from %s to at least %s and restart the server, or use fewer --jobs.
                """.formatted(budget.capacity(), budget.perTransaction(), budget.perTransactionFor(66)));
        assertThat(CheckFixture.text(List.of(CheckLockBudget.judge(new LockBudget(1201, 10, 100, 1, 1), "db", 2))))
                .isEqualTo("""
                        ERROR lock-budget: the backup of database "db" would lock 1201 tables and chunks at the same time, and the server's lock table has room for 1000
                          raise max_locks_per_transaction from 10 to at least 21 and restart the server, or use --lock light
                        """);
        assertThat(new LockBudget(1201, 21, 100, 1, 1).fits(2)).isTrue();
        assertThat(new LockBudget(1201, 20, 100, 1, 1).fits(2)).isFalse();
    }

    @Test
    void what_others_do_is_named_with_their_process() throws Exception {
        String uri = fixture.database("busy", TABLES);
        try (Connection other = server.connect(uri);
                Statement statement = other.createStatement()) {
            other.setAutoCommit(false);
            statement.execute("LOCK TABLE public.metrics IN ACCESS EXCLUSIVE MODE");
            String pid = pid(statement);

            assertThat(bad(fixture.check(uri))).isEqualTo("""
                    WARNING locks: session %s (%s, hyperkeep tests) holds ACCESS EXCLUSIVE on public.metrics
                      a backup waits for the end of that transaction, at most --lock-timeout, and then fails.
                    WARNING tables: a lock keeps the catalogs of the tables from being read: selection, privileges, lock budget and connections were not checked
                      try again when that lock is gone.
                    """.formatted(pid, one(uri, "SELECT current_user")));
            other.rollback();
            statement.execute("LOCK TABLE app.orders IN EXCLUSIVE MODE");
            assertThat(bad(fixture.check(uri, request(null, 2, "public.*")))).isEmpty();
            assertThat(of("locks", fixture.check(uri))).contains(" holds EXCLUSIVE on app.orders\n");
            List<Finding> now = look(uri, new CheckActivity(Duration.ZERO));
            assertThat(of("transactions", now))
                    .matches(
                            "(?s)WARNING transactions: in a transaction for more than an hour: session " + pid
                                    + " \\(.*, hyperkeep tests\\), since \\d{4}-\\d\\d-\\d\\d \\d\\d:\\d\\d UTC\n  what it locked.*");
            other.rollback();
        }
    }

    @Test
    void limits_clocks_encodings_and_timeouts_are_looked_at() throws Exception {
        String uri = fixture.plainDatabase("limits", "CREATE TABLE a (i int)");
        String role = fixture.role("CONNECTION LIMIT 5 IN ROLE pg_read_all_data, pg_read_all_stats");
        server.execute("ALTER ROLE \"" + role + "\" SET statement_timeout = '5s'");

        List<Finding> findings = fixture.check(as(uri, role));
        assertThat(bad(findings)).isEqualTo("""
                ERROR connections: a backup with 2 jobs opens 6 connections, N are left of the role's CONNECTION LIMIT
                  raise that limit, end idle sessions, or run with fewer --jobs.
                """);
        assertThat(of("timeouts", findings))
                .isEqualTo("OK timeouts: statement_timeout = 5000ms: set for this server,"
                        + " database or role, and harmless, as a backup's sessions have their own\n");
        InstantSource slow = () -> Instant.now().minusSeconds(3600);
        assertThat(bad(CheckFixture.check(uri, server.clientTools(), slow, request(null, 2))))
                .matches("WARNING clock: the server's clock is 3(599|600) s ahead of this machine's\n"
                        + "  backups are named and kept by this machine's clock: let NTP set both.\n");
    }

    @Test
    void an_encoding_without_meaning_is_a_warning() throws Exception {
        String name = one(fixture.plainDatabase("ascii"), "SELECT current_database()");
        // the same name, so that the fixture drops this one
        server.execute(
                "DROP DATABASE " + name,
                "CREATE DATABASE " + name + " TEMPLATE template0 ENCODING 'SQL_ASCII' LOCALE_PROVIDER libc LOCALE 'C'",
                "COMMENT ON DATABASE " + name + " IS 'made by the tests of hyperkeep, which also drop it'");

        assertThat(of("encoding", fixture.check(server.uri(name)))).isEqualTo("""
                WARNING encoding: encoding SQL_ASCII, collation C, character type C
                  the server does not know what characters its bytes mean: a text that is not UTF-8 makes the backup fail. Backups hold UTF-8.
                """);
    }

    @Test
    void an_unfinished_restore_and_a_lost_edition_are_errors() throws Exception {
        String uri = fixture.database("restoring", TABLES);
        String database = one(uri, "SELECT current_database()");
        fixture.execute(uri, "ALTER DATABASE " + database + " SET timescaledb.restoring = 'on'");

        List<Finding> findings = fixture.check(uri);
        assertThat(of("restoring", findings)).isEqualTo("""
                ERROR restoring: timescaledb.restoring is on: a restore into this database was not finished, and its hypertables show no rows of their own and run no jobs
                  -- when no restore is running, as a superuser in this database:
                  SELECT "public".timescaledb_post_restore();
                """);
        fixture.execute(
                uri,
                findings.stream()
                        .filter(finding -> finding.check().equals("restoring"))
                        .map(Finding::hint)
                        .toArray(String[]::new));
        assertThat(of("restoring", fixture.check(uri))).isEmpty();
        if (server.edition().equals("apache")) {
            fixture.execute(uri, """
                    INSERT INTO _timescaledb_catalog.compression_settings (relid, compress_relid)
                    SELECT 'app.orders'::regclass, 'public.metrics'::regclass""");
            assertThat(of("license", fixture.check(uri))).isEqualTo("""
                    ERROR license: the server runs as the Apache edition, which can not read the 1 compressed chunks of this database
                      is timescaledb.license set to apache, or the library timescaledb-tsl of this very version missing on the server? Install the Community edition's package.
                    """);
        }
    }

    private static List<Finding> look(String uri, Check check) throws SQLException {
        try (Connection connection =
                TestConnections.to(uri, Path.of("/nonexistent")).open("test")) {
            ServerCapabilities server = ServerCapabilities.of(connection);
            return check.run(Subject.read(connection, server, request(null, 2)));
        }
    }

    private String one(String uri, String sql) throws SQLException {
        try (Connection connection = server.connect(uri);
                Statement statement = connection.createStatement()) {
            return only(statement, sql);
        }
    }

    private static String pid(Statement statement) throws SQLException {
        return only(statement, "SELECT pg_backend_pid()");
    }

    private static String only(Statement statement, String sql) throws SQLException {
        try (ResultSet row = statement.executeQuery(sql)) {
            row.next();
            return row.getString(1);
        }
    }

    /** Runs the program; its exit code, what it printed and what it said. */
    private String backup(String uri, String... more) throws IOException, InterruptedException {
        Path work = Files.createTempDirectory(folder, "backup");
        List<String> command = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-cp",
                System.getProperty("java.class.path"),
                Hyperkeep.class.getName(),
                "backup",
                "--database",
                uri.replace(":" + CheckFixture.PASSWORD + "@", "@"),
                "--repository",
                work.resolve("repository").toString(),
                "--client-tools",
                server.clientTools().toString()));
        command.addAll(List.of(more));
        Path said = work.resolve("said");
        ProcessBuilder builder =
                new ProcessBuilder(command).redirectErrorStream(true).redirectOutput(said.toFile());
        builder.environment().put("HYPERKEEP_HOME", work.resolve("home").toString());
        builder.environment().put("HYPERKEEP_QUIET", "true");
        builder.environment().put("PGPASSWORD", CheckFixture.PASSWORD);
        Process process = builder.start();
        assertThat(process.waitFor(2, TimeUnit.MINUTES)).isTrue();
        return process.exitValue() + " " + Files.readString(said);
    }
}
