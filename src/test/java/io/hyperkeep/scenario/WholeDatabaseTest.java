package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.ServerLogin;
import io.hyperkeep.fixtures.ServerObjects;
import io.hyperkeep.fixtures.TimescaleServer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;

/** A whole database by pg_dump and pg_restore: what comes back, what plain use of them loses, what is refused. */
@Timeout(300)
class WholeDatabaseTest {
    @RegisterExtension
    @Order(1)
    static final ServerObjects roles = new ServerObjects();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer v17 = TimescaleServer.v17();

    @RegisterExtension
    @Order(2)
    static final TimescaleServer v18 = TimescaleServer.v18();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final String[] SCRIPTS = {"hypertables.sql"};

    /** What is said of the database as a whole, and what pg_restore loses of it. */
    private static final String PROPERTIES = """
            SELECT string_agg(line, E'\\n' ORDER BY line) FROM (
                SELECT 'setting ' || unnest(setconfig) AS line FROM pg_db_role_setting s JOIN pg_database d
                    ON d.oid = s.setdatabase WHERE d.datname = current_database()
                UNION ALL SELECT 'limit ' || datconnlimit FROM pg_database WHERE datname = current_database()
                UNION ALL SELECT 'right ' || a.grantee::regrole || ' ' || a.privilege_type FROM pg_database d,
                    aclexplode(d.datacl) a WHERE d.datname = current_database()
                UNION ALL SELECT 'key ' || conrelid::regclass || ' ' || conname FROM pg_constraint
                    WHERE conname = 'to_measured' AND conparentid = 0) lines
            """;

    private static String role;
    private static String owner;
    private static DatabaseContents source;
    private static Ended backup;

    @BeforeAll
    static void back_it_up() throws SQLException {
        EveryObject everything = new EveryObject(roles, List.of(v17, v18));
        everything.fill(v17, v17.uri(), SCRIPTS);
        role = ServerObjects.name("hk \"guest\" ");
        roles.createRole(v17, role);
        owner = ServerObjects.name("hk owner ");
        roles.createRole(v17, owner);
        String database = quoted(ServerSays.one(v17, v17.uri(), "SELECT current_database()"));
        v17.execute(
                "CREATE TABLE public.measured (at timestamptz PRIMARY KEY, v int)",
                "SELECT create_hypertable('public.measured', 'at', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.measured SELECT '2026-01-01'::timestamptz + n * interval '6 hours', n"
                        + " FROM generate_series(1, 20) n",
                "SET timescaledb.enable_chunk_skipping = on",
                "SELECT enable_chunk_skipping('public.measured', 'v')",
                // a key that refers to a hypertable
                "CREATE TABLE public.remark (at timestamptz CONSTRAINT to_measured REFERENCES public.measured, text text)",
                "INSERT INTO public.remark SELECT at, 'odd' FROM public.measured WHERE v % 5 = 0",
                "COMMENT ON CONSTRAINT to_measured ON public.remark IS 'what was remarked on'",
                "ALTER TABLE public.remark OWNER TO " + quoted(owner),
                "COMMENT ON EXTENSION timescaledb IS 'time and again'",
                "ALTER DATABASE " + database + " SET TimeZone TO 'Asia/Kolkata'",
                "CREATE MATERIALIZED VIEW public.filled AS SELECT count(*) FROM public.measured",
                "ALTER DATABASE " + database + " SET search_path TO app, \"Odd, \"\"name\"\"\", public",
                "ALTER DATABASE " + database + " SET statement_timeout TO '2h'",
                "ALTER ROLE " + quoted(role) + " IN DATABASE " + database + " SET work_mem TO '5MB'",
                "ALTER DATABASE " + database + " CONNECTION LIMIT 77",
                "REVOKE CONNECT ON DATABASE " + database + " FROM PUBLIC",
                "GRANT CONNECT, TEMPORARY ON DATABASE " + database + " TO " + quoted(role));
        source = EveryObject.contents(v17, v17.uri());
        backup = whole(v17, v17.uri()).exitsWith(0);
    }

    private static Ended whole(TimescaleServer server, String uri) {
        return hyperkeep.backup(server, uri, hyperkeep.folder().resolve("repository"), "--kind", "database");
    }

    private static String quoted(String name) {
        return '"' + name.replace("\"", "\"\"") + '"';
    }

    private static String properties(String uri) {
        return ServerSays.one(v17, uri, PROPERTIES);
    }

    @Test
    void everything_comes_back_restored_by_several_sessions_or_by_one() throws SQLException {
        assertThat(backup.json().get("kind").stringValue()).isEqualTo("database");
        for (List<String> how : List.of(List.of("--jobs", "2"), List.of("--serial"))) {
            String target = v17.newDatabase("whole");

            Ended restored = hyperkeep.restore(v17, backup.backup(), target, how.toArray(String[]::new));

            restored.exitsWith(0);
            assertThat(restored.warnings()).isEmpty();
            assertThat(EveryObject.differences(source, EveryObject.contents(v17, target), v17, target))
                    .isEmpty();
            assertThat(properties(target))
                    .isEqualTo(properties(v17.uri()))
                    .contains("key remark to_measured", "work_mem=5MB", "limit 77");
            String skipping = "SELECT count(*) FROM _timescaledb_catalog.chunk_column_stats WHERE column_name = 'v'";
            assertThat(ServerSays.one(v17, target, skipping))
                    .isNotEqualTo("0")
                    .isEqualTo(ServerSays.one(v17, v17.uri(), skipping));
            assertThat(ServerSays.one(v17, target, "SELECT count FROM public.filled"))
                    .isEqualTo("20");
            assertThat(ServerSays.one(
                            v17,
                            target,
                            "SELECT current_setting('timescaledb.restoring') = 'off' AND to_regnamespace('hyperkeep') IS NULL"
                                    + " AND (SELECT obj_description(oid, 'pg_extension') = 'time and again'"
                                    + " FROM pg_extension WHERE extname = 'timescaledb')"))
                    .isEqualTo("t");
            if (how.contains("--serial")) {
                a_value_that_changed_is_found(backup.backup(), target);
            }
        }
    }

    @Test
    void everything_comes_back_from_an_archive_in_one_file() throws Exception {
        Ended one = hyperkeep
                .backup(
                        v17,
                        v17.uri(),
                        hyperkeep.folder().resolve("one"),
                        "--kind",
                        "database",
                        "--dump-format",
                        "custom")
                .exitsWith(0);
        try (Stream<Path> dump = Files.list(one.backup().resolve("dump"))) {
            assertThat(dump).extracting(file -> file.getFileName().toString()).containsExactly("database.dump");
        }
        assertThat(Files.getPosixFilePermissions(one.backup().resolve("dump/database.dump")))
                .isEqualTo(PosixFilePermissions.fromString("rw-------"));
        assertThat(Files.getPosixFilePermissions(one.backup().resolve("dump")))
                .isEqualTo(PosixFilePermissions.fromString("rwx------"));
        hyperkeep.run("verify", one.backup().toString()).exitsWith(0);
        for (List<String> how : List.of(List.of("--jobs", "2"), List.of("--serial"))) {
            String target = v17.newDatabase("one_file");

            Ended restored = hyperkeep.restore(v17, one.backup(), target, how.toArray(String[]::new));

            restored.exitsWith(0);
            assertThat(restored.warnings()).isEmpty();
            assertThat(EveryObject.differences(source, EveryObject.contents(v17, target), v17, target))
                    .isEmpty();
            assertThat(properties(target)).isEqualTo(properties(v17.uri()));
            if (how.contains("--serial")) {
                a_value_that_changed_is_found(one.backup(), target);
            }
        }
        flip(one.backup().resolve("dump/database.dump"));

        Ended verified = hyperkeep.run("verify", one.backup().toString());
        Ended refused = hyperkeep.restore(v17, one.backup(), v17.newDatabase("one_flipped"));

        assertThat(verified.exitCode()).isEqualTo(1);
        assertThat(verified.err() + verified.out()).contains("dump/database.dump");
        assertThat(refused.exitCode()).isEqualTo(1);
        assertThat(refused.err()).contains("dump/database.dump");
    }

    @Test
    void rows_are_only_counted_if_asked_for_and_that_is_told() throws SQLException {
        String target = v17.newDatabase("counted");

        Ended restored = hyperkeep.restore(v17, backup.backup(), target, "--compare", "counts");

        restored.exitsWith(3);
        assertThat(restored.warnings())
                .containsExactly(
                        "rows-counted: rows were counted and not read back, as asked for: `hyperkeep compare` reads every one");
        assertThat(EveryObject.differences(source, EveryObject.contents(v17, target), v17, target))
                .isEmpty();
        hyperkeep.compare(v17, backup.backup(), target).exitsWith(0);
        Ended usage = hyperkeep.restore(v17, backup.backup(), target, "--compare", "sums");
        assertThat(usage.exitCode()).isEqualTo(2);
        assertThat(usage.err()).contains("--compare: 'sums' is not one of rows, counts");
    }

    private static void flip(Path file) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        bytes[bytes.length / 2] ^= 1;
        Files.write(file, bytes);
    }

    /** As many rows as before, so that only their digest tells. */
    private static void a_value_that_changed_is_found(Path backup, String target) throws SQLException {
        hyperkeep.compare(v17, backup, target).exitsWith(0);
        String chunk = ServerSays.one(v17, target, "SELECT tableoid::regclass FROM public.measured WHERE v = 7");
        ServerSays.done(v17, target, "UPDATE public.measured SET v = -7 WHERE v = 7");

        Ended compared = hyperkeep.compare(v17, backup, target);

        compared.exitsWith(1);
        assertThat(compared.json().get("differences")).hasSize(1);
        assertThat(compared.out())
                .contains("relation " + chunk)
                .contains("has as many rows as the backup, 4, but not the same ones");
    }

    @Test
    void what_a_missing_role_owns_becomes_the_restoring_roles_if_asked_for() throws SQLException {
        String elsewhere = owner + " elsewhere";
        String target = v17.uri("hk_never");
        ServerSays.done(v17, v17.uri(), "ALTER ROLE " + quoted(owner) + " RENAME TO " + quoted(elsewhere));
        try {
            Ended refused = hyperkeep.restore(v17, backup.backup(), target, "--create-database");
            String adopted = v17.newDatabase("adopted");
            hyperkeep.restore(v17, backup.backup(), adopted, "--no-owner").exitsWith(0);

            refused.exitsWith(1);
            assertThat(refused.err())
                    .contains("the target's server does not have the role " + owner
                            + ", which owns something in the backup or may use it")
                    .contains("create them: CREATE ROLE \\\"" + owner
                            + "\\\"; Or restore with --no-owner: what they own" + " becomes the restoring role's");
            assertThat(ServerSays.one(v17, v17.uri(), "SELECT count(*) FROM pg_database WHERE datname = 'hk_never'"))
                    .isEqualTo("0");
            assertThat(ServerSays.one(v17, adopted, "SELECT relowner::regrole FROM pg_class WHERE relname = 'remark'"))
                    .isEqualTo(ServerSays.one(v17, adopted, "SELECT current_user"));
        } finally {
            ServerSays.done(v17, v17.uri(), "ALTER ROLE " + quoted(elsewhere) + " RENAME TO " + quoted(owner));
        }
    }

    @Test
    void a_drill_restores_it_into_a_database_of_its_own() throws SQLException {
        Ended drill = hyperkeep.drill(v17, backup.backup(), v17.uri());

        drill.exitsWith(0);
        assertThat(drill.json().get("state").stringValue()).isEqualTo("PASSED");
        assertThat(drill.warnings()).isEmpty();
        assertThat(ServerSays.one(
                        v17,
                        v17.uri(),
                        // others may drill on this server
                        "SELECT count(*) FROM pg_database WHERE shobj_description(oid, 'pg_database') LIKE 'restore drill of '"
                                + " || current_database() || ' by %'"))
                .isEqualTo("0");
    }

    @Test
    void plain_pg_restore_loses_some_of_it() throws Exception {
        Path archive = Files.createTempDirectory(hyperkeep.folder(), "plain").resolve("archive");
        String target = v17.newDatabase("plain");
        ran(0, v17.uri(), "pg_dump", "-Fc", "-f", archive.toString());
        ServerSays.done(v17, target, "CREATE EXTENSION timescaledb", "SELECT timescaledb_pre_restore()");

        String said = ran(
                1,
                target,
                "pg_restore",
                "-d",
                "dbname=" + ServerLogin.of(target).variables().get("PGDATABASE"),
                archive.toString());
        ServerSays.done(v17, target, "SELECT timescaledb_post_restore()");

        assertThat(said)
                .contains(
                        "violates foreign key constraint \"to_measured\"",
                        "COPY failed for table \"chunk_column_stats\"",
                        "errors ignored on restore: ");
        assertThat(properties(target)).isEqualTo("limit -1");
    }

    private static String ran(int exitCode, String uri, String tool, String... arguments)
            throws IOException, InterruptedException {
        List<String> command =
                new ArrayList<>(List.of(v17.clientTools().resolve(tool).toString()));
        command.addAll(List.of(arguments));
        ProcessBuilder builder = new ProcessBuilder(command).redirectErrorStream(true);
        builder.environment().putAll(ServerLogin.of(uri).variables());
        Process process = builder.start();
        String said = new String(process.getInputStream().readAllBytes());
        assertThat(process.waitFor()).as("%s: %s", tool, said).isEqualTo(exitCode);
        return said;
    }

    @Test
    void the_files_are_checked_and_one_that_changed_is_found() throws Exception {
        hyperkeep.run("verify", backup.backup().toString()).exitsWith(0);
        Path copy = hyperkeep
                .folder()
                .resolve("copied/db/backups/" + backup.backup().getFileName());
        copy(backup.backup(), copy);
        Files.writeString(copy.resolve("restore/2-catalog.list"), "");

        Ended verified = hyperkeep.run("verify", copy.toString());
        Ended restored = hyperkeep.restore(v17, copy, v17.newDatabase("changed"));

        assertThat(verified.exitCode()).isEqualTo(1);
        assertThat(verified.err() + verified.out()).contains("restore/2-catalog.list");
        assertThat(restored.exitCode()).isEqualTo(1);
        assertThat(restored.err()).contains("restore/2-catalog.list");
    }

    private static void copy(Path from, Path to) throws IOException {
        try (var files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Path copy = to.resolve(from.relativize(file).toString());
                if (Files.isDirectory(file)) {
                    Files.createDirectories(copy);
                } else {
                    Files.copy(file, copy);
                }
            }
        }
    }

    @Test
    void a_server_without_the_version_is_refused_with_the_way_out() throws SQLException {
        String has = version(v18);
        assumeTrue(!has.equals(version(v17)), "both servers have the same version of TimescaleDB");
        roles.createRole(v18, role);

        Ended refused = hyperkeep.restore(v18, backup.backup(), v18.uri("hk_never"), "--create-database");

        refused.exitsWith(1);
        assertThat(refused.err())
                .contains("the target's server does not offer TimescaleDB " + version(v17)
                        + ", of which the archive is: it has " + has)
                .contains("install TimescaleDB " + version(v17)
                        + " there too, as several versions can be side by side, restore, and then run ALTER EXTENSION"
                        + " timescaledb UPDATE; or restore a backup of kind tables, which any version can take");
        assertThat(ServerSays.one(v18, v18.uri(), "SELECT count(*) FROM pg_database WHERE datname = 'hk_never'"))
                .isEqualTo("0");
    }

    private static String version(TimescaleServer server) throws SQLException {
        return EveryObject.ask(
                server, server.uri(), "SELECT default_version FROM pg_available_extensions WHERE name = 'timescaledb'");
    }

    @Test
    void a_database_that_is_not_new_is_refused() throws SQLException {
        String target = v17.newDatabase("used");
        ServerSays.done(v17, target, "CREATE TABLE public.mine (id int)");
        String name = ServerSays.one(v17, target, "SELECT current_database()");

        Ended refused = hyperkeep.restore(v17, backup.backup(), target);
        Ended parted = hyperkeep.restore(v17, backup.backup(), target, "--include", "public.measured");

        refused.exitsWith(1);
        assertThat(refused.err())
                .contains("database " + name + " is not new, it has relation public.mine")
                .contains("an archive of a whole database is restored into a new one");
        parted.exitsWith(2);
        assertThat(parted.err()).contains("is the archive of a whole database: pg_restore brings it back whole");
    }
}
