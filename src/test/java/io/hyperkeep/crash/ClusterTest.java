package io.hyperkeep.crash;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.PrivateServer;
import io.hyperkeep.fixtures.ServerLogin;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.scenario.Operator;
import io.hyperkeep.scenario.RunningCommand;
import io.hyperkeep.scenario.ServerSays;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;

/**
 * A whole server: roles, tablespaces and databases, one of which can not be read at first, restored on an empty server.
 * One story, as each server takes seconds to make.
 */
@Timeout(300)
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class ClusterTest {
    private static final String ODD = "Odd \"Name\".x";
    private static final String PASSWORD = "open 'sesame'; \\";

    @RegisterExtension
    static final TimescaleServer shared = TimescaleServer.v17();

    @TempDir
    static Path folder;

    private static PrivateServer source;
    private static PrivateServer target;
    private static Path space;
    private static Operator operator;
    /** What pg_dump and pg_dumpall say of the source, before what its tablespace is in is taken away. */
    private static Map<String, List<String>> said;

    /** Where the backup of each database is, by its name, in the backup that lacks one. */
    private static Map<String, String> first;

    @BeforeAll
    static void start() throws SQLException, IOException {
        source = PrivateServer.start(shared);
        target = PrivateServer.start(shared);
        operator = new Operator(folder, source);
        // what the source writes to, the target is to find empty: a link leads each to a folder of its own
        space = Files.createDirectory(
                        Files.createTempDirectory("hyperkeep-space-").resolve("links"))
                .resolve("fast disk");
        for (Path path : List.of(space.getParent(), space.getParent().getParent())) {
            Files.setPosixFilePermissions(path, PosixFilePermissions.fromString("rwxr-xr-x"));
        }
        Files.createSymbolicLink(space, source.newFolder("space"));
        fill();
    }

    @AfterAll
    static void stop() throws IOException {
        for (PrivateServer server : new PrivateServer[] {source, target}) {
            if (server != null) {
                server.close();
            }
        }
        if (space != null) {
            Files.deleteIfExists(space);
            Files.deleteIfExists(space.getParent());
            Files.deleteIfExists(space.getParent().getParent());
        }
    }

    private static void fill() throws SQLException {
        run(
                source,
                "postgres",
                "CREATE ROLE readers NOLOGIN",
                "CREATE ROLE alice LOGIN PASSWORD " + literal(PASSWORD)
                        + " CONNECTION LIMIT 7 VALID UNTIL '2099-01-01'",
                "CREATE ROLE " + name("Wärter; \"1\"") + " LOGIN CREATEDB CREATEROLE NOINHERIT BYPASSRLS REPLICATION",
                "CREATE ROLE owner LOGIN",
                "GRANT readers TO alice WITH ADMIN OPTION, INHERIT FALSE, SET FALSE",
                "GRANT readers TO " + name("Wärter; \"1\"") + " GRANTED BY alice",
                "GRANT pg_monitor TO readers",
                "ALTER ROLE alice SET search_path TO \"Odd, \"\"path\"\"\", public",
                "ALTER ROLE alice SET work_mem TO '5MB'",
                "COMMENT ON ROLE alice IS E'two\\nlines; \\\\restrict x\\n\\\\unrestrict ''x'''",
                "GRANT SET, ALTER SYSTEM ON PARAMETER log_min_messages TO alice",
                "CREATE TABLESPACE fast OWNER alice LOCATION " + literal(space.toString()),
                "GRANT CREATE ON TABLESPACE fast TO readers",
                "ALTER TABLESPACE fast SET (random_page_cost = 1.5)",
                "CREATE DATABASE plain OWNER owner TABLESPACE fast",
                "CREATE DATABASE hyper",
                "CREATE DATABASE " + name(ODD) + " ENCODING 'UTF8' LC_COLLATE 'C' LC_CTYPE 'C' TEMPLATE template0",
                "ALTER DATABASE plain SET work_mem TO '6MB'",
                "ALTER ROLE alice IN DATABASE plain SET statement_timeout TO '3h'",
                "ALTER DATABASE " + name(ODD) + " OWNER TO owner",
                "REVOKE TEMPORARY ON DATABASE " + name(ODD) + " FROM PUBLIC",
                "GRANT CREATE ON DATABASE " + name(ODD) + " TO readers WITH GRANT OPTION",
                "ALTER DATABASE " + name(ODD) + " CONNECTION LIMIT 9",
                "ALTER DATABASE " + name(ODD) + " SET search_path TO public, " + name("a, \"b\""),
                "REVOKE CONNECT ON DATABASE plain FROM PUBLIC",
                "GRANT CONNECT ON DATABASE plain TO readers",
                "COMMENT ON DATABASE " + name(ODD) + " IS 'odd; it''s'");
        run(
                source,
                "plain",
                "CREATE SCHEMA app AUTHORIZATION owner",
                "ALTER DEFAULT PRIVILEGES FOR ROLE owner IN SCHEMA app GRANT SELECT ON TABLES TO readers",
                "ALTER DEFAULT PRIVILEGES FOR ROLE alice REVOKE EXECUTE ON FUNCTIONS FROM PUBLIC",
                "CREATE TABLE app.t (id int PRIMARY KEY, v text)",
                "ALTER TABLE app.t OWNER TO owner",
                "GRANT SELECT (v) ON app.t TO alice WITH GRANT OPTION",
                "INSERT INTO app.t SELECT n, 'v' || n FROM generate_series(1, 1000) n");
        run(
                source,
                "hyper",
                "CREATE EXTENSION timescaledb",
                "CREATE TABLE m (at timestamptz NOT NULL, v int) TABLESPACE fast",
                "SELECT create_hypertable('m', 'at', chunk_time_interval => interval '1 day')",
                "INSERT INTO m SELECT '2026-01-01'::timestamptz + n * interval '6 hours', n FROM generate_series(1, 40) n");
        run(source, ODD, "CREATE TABLE " + name("T \"x\".y") + " AS SELECT generate_series(1, 10) AS id");
    }

    @Test
    @Order(1)
    void a_database_that_can_not_be_read_is_named_and_the_others_are_sealed() throws Exception {
        Path version = source.filesOf("hyper").resolve("PG_VERSION");
        Files.move(version, version.resolveSibling("hidden"));

        Operator.Ended ended = operator.run(backup("--output", "json"));

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(3);
        assertThat(ended.json().get("state").stringValue()).isEqualTo("SEALED");
        assertThat(ended.json().get("kind").stringValue()).isEqualTo("cluster");
        assertThat(ended.json().get("consistent").booleanValue()).isFalse();
        assertThat(ended.json().get("warnings").size()).isOne();
        assertThat(ended.json().get("warnings").get(0).get("text").stringValue())
                .startsWith("database hyper is not in the backup: ")
                .contains("is not a valid data directory");
        Manifest manifest = operator.manifest();
        first = backups(manifest);
        assertThat(first.keySet()).containsExactlyInAnyOrder("plain", ODD, "postgres");
        assertThat(manifest.cluster().missing())
                .extracting(Cluster.Database::name)
                .containsExactly("hyper");
        assertThat(Files.getPosixFilePermissions(operator.newest().path().resolve("globals.sql")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));

        Files.move(version.resolveSibling("hidden"), version);
    }

    @Test
    @Order(2)
    void a_restart_backs_up_only_what_is_missing() {
        long run = operator.manifest().run();

        Operator.Ended restarted =
                operator.run("runs", "restart", String.valueOf(run), "--client-tools", tools(), "--output", "json");
        Operator.Ended again = operator.run("runs", "restart", String.valueOf(run), "--client-tools", tools());

        assertThat(restarted.exitCode()).as(restarted.err()).isEqualTo(0);
        Map<String, String> second = backups(operator.manifest());
        assertThat(second).containsAllEntriesOf(first).hasSize(4).containsKey("hyper");
        assertThat(operator.manifest().consistent()).isTrue();
        assertThat(again.exitCode()).isEqualTo(2);
        assertThat(again.failure()).contains("run " + run + " was restarted already");
        assertThat(operator.run("verify", operator.newest().path().toString()).exitCode())
                .isZero();
    }

    @Test
    @Order(3)
    void a_backup_that_was_killed_between_two_databases_goes_on_after_the_first() throws Exception {
        Operator killed = new Operator(Files.createDirectory(folder.resolve("killed")), source);
        String[] command = killed.backup(source.uri("postgres"), "--kind", "cluster", "--output", "json");
        try (Connection lock = source.connect(source.uri("plain"));
                Statement statement = lock.createStatement()) {
            lock.setAutoCommit(false);
            statement.execute("LOCK TABLE app.t IN ACCESS EXCLUSIVE MODE");
            stopped(new Operator(Files.createDirectory(folder.resolve("stopped")), source));
            try (RunningCommand running = killed.fork(List.of(), command)) {
                waitsForPlain();
                running.kill();
            }
        }
        Path parts = killed.repository.resolve("postgres/databases");
        List<String> before = sealed(parts);
        assertThat(before).isNotEmpty().noneMatch(path -> path.startsWith("plain/"));

        Operator.Ended ended = killed.run(Operator.with(command, "--restart-failed"));

        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(sealed(parts)).hasSize(4).containsAll(before);
        assertThat(backups(killed.manifest())).hasSize(4);
    }

    @Test
    @Order(4)
    void what_the_target_can_not_take_is_refused_before_anything_is_done() throws Exception {
        String backup = operator.newest().path().toString();
        said = new HashMap<>(Map.of("", globals(source)));
        for (String database : List.of("plain", ODD, "postgres")) {
            said.put(database, dump(source, database));
        }
        Files.delete(space);
        Operator.Ended tablespace = operator.run(restore(backup));
        Files.createSymbolicLink(space, target.newFolder("space"));
        run(target, "postgres", "CREATE DATABASE plain");
        Operator.Ended taken = operator.run(restore(backup));
        run(target, "postgres", "DROP DATABASE plain", "CREATE TABLE mine (id int)");
        Operator.Ended used = operator.run(restore(backup));
        run(target, "postgres", "DROP TABLE mine", "CREATE ROLE weak LOGIN");
        Operator.Ended weak =
                operator.run(operator.restore(backup, target.uri("postgres").replace("postgres@", "weak@")));
        run(target, "postgres", "DROP ROLE weak");
        Operator.Ended tables = operator.run(restore(backup, "--include", "app.t"));
        Operator.Ended misspelt = operator.run(restore(backup, "--include-database", "plan"));
        Operator.Ended drill = operator.run("drill", backup, "--on", target.uri("postgres"));

        assertThat(tablespace.exitCode()).isEqualTo(1);
        assertThat(tablespace.failure())
                .contains("the target's server does not have the folder " + space + " of tablespace fast")
                .contains(
                        "create it there, empty and owned by the server's user; or give --no-tablespaces, and everything"
                                + " goes to the default ones");
        assertThat(taken.exitCode()).isEqualTo(1);
        assertThat(taken.failure())
                .contains(
                        "database plain is on the target's server already, and a cluster's databases are created anew")
                .contains("drop or rename it, or leave it out: --exclude-database plain");
        assertThat(used.failure())
                .contains("database postgres of the target's server is in use, it has relation public.mine")
                .contains("leave it out: --exclude-database postgres");
        assertThat(weak.exitCode()).isEqualTo(12);
        assertThat(weak.failure())
                .contains("role weak is no superuser, and only a superuser can restore the roles of a cluster");
        assertThat(tables.exitCode()).isEqualTo(2);
        assertThat(tables.failure()).contains("the databases of a cluster are restored whole and as they were");
        assertThat(misspelt.exitCode()).isEqualTo(2);
        assertThat(misspelt.failure()).contains("no database matches the pattern 'plan'");
        assertThat(drill.exitCode()).isEqualTo(2);
        assertThat(drill.failure()).contains("is of a cluster, and a drill restores into a scratch database");
        assertThat(ServerSays.all(
                        target, target.uri("postgres"), "SELECT rolname FROM pg_roles WHERE rolname = 'alice'"))
                .isEmpty();
    }

    @Test
    @Order(5)
    void a_restore_that_was_killed_brings_the_rest_when_restarted_and_all_is_equal() throws Exception {
        String backup = operator.newest().path().toString();
        try (RunningCommand running = operator.fork(List.of(), restore(backup))) {
            ServerSays.yes(
                    target,
                    target.uri("postgres"),
                    "the second database is begun",
                    "SELECT count(*) > 0 FROM pg_database WHERE datname = 'hyper'");
            running.kill();
        }
        String oddBefore = oid(ODD);
        long run = newestRun();

        operator.run("runs", "recover", String.valueOf(run));
        Operator.Ended restarted =
                operator.run("runs", "restart", String.valueOf(run), "--client-tools", tools(), "--output", "json");

        assertThat(restarted.exitCode()).as(restarted.err()).isEqualTo(0);
        assertThat(oid(ODD)).as("not created anew").isEqualTo(oddBefore);
        assertThat(globals(target)).isEqualTo(said.get("")).anyMatch(line -> line.contains("SCRAM-SHA-256$"));
        for (String database : List.of("plain", ODD, "postgres")) {
            assertThat(dump(target, database)).as(database).isEqualTo(said.get(database));
        }
        assertThat(ServerSays.one(target, target.uri("hyper"), "SELECT sum(v) || ' ' || count(*) FROM m"))
                .isEqualTo("820 40");
        assertThat(ServerSays.one(
                        target,
                        target.uri("postgres"),
                        "SELECT spcname FROM pg_database d JOIN pg_tablespace t ON t.oid = dattablespace"
                                + " WHERE datname = 'plain'"))
                .isEqualTo("fast");
        Operator.Ended compared = operator.run("compare", backup, target.uri("postgres"), "--client-tools", tools());
        assertThat(compared.exitCode()).as(compared.err() + compared.out()).isZero();
    }

    @Test
    @Order(6)
    void globals_restored_again_change_nothing_and_name_what_differs() throws Exception {
        String backup = operator.newest().path().toString();
        run(target, "postgres", "ALTER ROLE alice NOLOGIN", "DROP ROLE " + name("Wärter; \"1\""));

        Operator.Ended again = operator.run(restore(backup, "--globals-only", "--output", "json"));
        Operator.Ended compared = operator.run("compare", backup, target.uri("postgres"), "--client-tools", tools());

        assertThat(again.exitCode()).as(again.err()).isEqualTo(3);
        assertThat(again.json().get("warnings").toString())
                .contains("role alice was there already and stays as it was, which is not as in the backup");
        assertThat(ServerSays.one(
                        target, target.uri("postgres"), "SELECT rolcanlogin FROM pg_roles WHERE rolname = 'alice'"))
                .isEqualTo("f");
        assertThat(
                        ServerSays.one(
                                target,
                                target.uri("postgres"),
                                "SELECT count(*) FROM pg_auth_members WHERE member = (SELECT oid FROM pg_roles WHERE rolname LIKE 'W%')"))
                .isEqualTo("1");
        assertThat(compared.exitCode()).isEqualTo(1);
        assertThat(compared.out())
                .contains("role alice: differs in its attributes, password, settings or comment")
                .doesNotContain("SCRAM");
    }

    @Test
    @Order(7)
    void databases_as_tables_share_files_go_with_the_last_cluster_that_has_them_and_come_back() throws Exception {
        Operator tables = new Operator(Files.createDirectory(folder.resolve("tables")), source);
        String pattern = name(ODD);
        String[] command = tables.backup(
                source.uri("postgres"), "--kind", "cluster", "--cluster-kind", "tables", "--output", "json");
        command = Operator.with(command, "--include-database", pattern, "--role-passwords", "false");
        Path parts = tables.repository.resolve("postgres/databases");

        Operator.Ended one = tables.run(command);
        Operator.Ended two = tables.run(command);
        Operator.Ended pruned = tables.run(
                "prune", "--repository", tables.repository.toString(), "--keep-last", "1", "--output", "json");

        assertThat(one.exitCode()).as(one.err()).isZero();
        assertThat(two.json().get("reusedUnits").intValue()).isPositive();
        assertThat(Files.readString(tables.newest().path().resolve("globals.sql")))
                .contains("CREATE ROLE alice")
                .doesNotContain("SCRAM");
        assertThat(pruned.exitCode()).as(pruned.err()).isZero();
        String kept = backups(tables.manifest()).get(ODD);
        assertThat(sealed(parts)).containsExactly(kept.substring("databases/".length()) + "/manifest.json");
        assertThat(Operator.filesBelow(tables.repository.resolve("postgres/backups")))
                .allMatch(file -> file.startsWith(tables.newest().id() + "/"));
        assertThat(tables.run("verify", tables.newest().path().toString()).exitCode())
                .isZero();

        run(target, "postgres", "DROP DATABASE " + name(ODD));
        Operator.Ended restored = tables.run(tables.restore(
                tables.newest().path().toString(), target.uri("postgres"), "--no-tablespaces", "--output", "json"));

        assertThat(restored.exitCode()).as(restored.err()).isEqualTo(3);
        assertThat(restored.json().get("warnings").size()).as(restored.out()).isOne();
        assertThat(dump(target, ODD)).isEqualTo(said.get(ODD));
    }

    private static void waitsForPlain() {
        ServerSays.yes(
                source,
                source.uri("plain"),
                "the backup of the database with the lock waits",
                "SELECT count(*) > 0 FROM pg_stat_activity WHERE datname = 'plain' AND wait_event_type = 'Lock'"
                        + " AND application_name LIKE 'hyperkeep/%'");
    }

    /** Whoever stops the whole stops the part that is at work. */
    private static void stopped(Operator asked) {
        String[] command = asked.backup(source.uri("postgres"), "--kind", "cluster", "--output", "json");
        try (RunningCommand running = asked.fork(List.of(), command)) {
            waitsForPlain();
            String whole = "";
            for (var run : asked.run("runs", "list", "--output", "json").json().get("runs")) {
                if (run.get("units").intValue() == 4) {
                    whole = run.get("run").toString();
                }
            }

            Operator.Ended stop = asked.run("runs", "stop", whole);

            assertThat(stop.exitCode()).as(stop.err()).isZero();
            assertThat(running.end().exitCode()).isEqualTo(130);
        }
        for (var run : asked.run("runs", "list", "--output", "json").json().get("runs")) {
            assertThat(run.get("state").stringValue()).isIn("STOPPED", "SEALED");
        }
        assertThat(sealed(asked.repository.resolve("postgres/backups"))).isEmpty();
    }

    private static String[] backup(String... more) {
        return operator.backup(source.uri("postgres"), Operator.with(new String[] {"--kind", "cluster"}, more));
    }

    private static String[] restore(String backup, String... more) {
        return operator.restore(backup, target.uri("postgres"), more);
    }

    private static String tools() {
        return source.clientTools().toString();
    }

    private static long newestRun() {
        Operator.Ended runs = operator.run("runs", "list", "--output", "json");
        for (var run : runs.json().get("runs")) {
            if (run.get("job").stringValue().equals("restore")
                    && run.get("database").stringValue().equals("postgres")
                    && run.get("units").intValue() == 4) {
                return run.get("run").longValue();
            }
        }
        throw new AssertionError(runs.out());
    }

    private static Map<String, String> backups(Manifest manifest) {
        return manifest.cluster().databases().stream()
                .filter(database -> database.backup() != null)
                .collect(Collectors.toMap(Cluster.Database::name, database -> String.valueOf(database.backup())));
    }

    private static List<String> sealed(Path parts) {
        return Operator.filesBelow(parts).stream()
                .filter(file -> file.endsWith("/manifest.json"))
                .toList();
    }

    private static String oid(String database) {
        return ServerSays.one(
                target, target.uri("postgres"), "SELECT oid FROM pg_database WHERE datname = " + literal(database));
    }

    /** What pg_dumpall says of what the databases share. */
    private static List<String> globals(PrivateServer server) throws Exception {
        return said(server, "postgres", "pg_dumpall", "--globals-only");
    }

    /** Everything of a database that pg_dump knows, and of the database as a whole. */
    private static List<String> dump(PrivateServer server, String database) throws Exception {
        return said(server, database, "pg_dump", "--create");
    }

    private static List<String> said(PrivateServer server, String database, String... command)
            throws IOException, InterruptedException {
        List<String> whole = new ArrayList<>(List.of(command));
        whole.set(0, server.clientTools().resolve(command[0]).toString());
        ProcessBuilder builder = new ProcessBuilder(whole).redirectErrorStream(true);
        builder.environment().putAll(ServerLogin.of(server.uri("postgres")).variables());
        if (!database.equals("postgres") || command[0].equals("pg_dump")) {
            builder.environment().put("PGDATABASE", database);
        }
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes(), java.nio.charset.StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(said).isZero();
        return said.lines()
                .filter(line ->
                        !line.startsWith("--") && !line.startsWith("\\restrict") && !line.startsWith("\\unrestrict"))
                .sorted()
                .toList();
    }

    private static void run(PrivateServer server, String database, String... statements) throws SQLException {
        try (Connection connection = server.connect(uri(server, database));
                Statement statement = connection.createStatement()) {
            for (String sql : statements) {
                statement.execute(sql);
            }
        }
    }

    private static String uri(PrivateServer server, String database) {
        return server.uri(java.net.URLEncoder.encode(database, java.nio.charset.StandardCharsets.UTF_8)
                .replace("+", "%20"));
    }

    private static String name(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String literal(String text) {
        return "'" + text.replace("'", "''") + "'";
    }
}
