package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.storage.BackupFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.extension.RegisterExtension;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What people give that can not work: each is refused with its reason and what to do, and nothing is made or lost. */
@Timeout(120)
class BadInputTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    /** A role that may do nothing but connect; its name is this run's own. */
    private static String role;

    private static String source;

    @TempDir
    Path folder;

    private Operator operator;

    @BeforeAll
    static void aDatabase() throws SQLException {
        source = server.createDatabase("bad_input", true);
        role = "hk_role_" + name(source).replaceAll(".*_", "");
        ServerSays.done(
                server,
                source,
                "CREATE TABLE public.metrics (t timestamptz NOT NULL, v int)",
                "SELECT create_hypertable('public.metrics', 't', chunk_time_interval => interval '1 day')",
                "INSERT INTO public.metrics SELECT '2026-01-01'::timestamptz + g * interval '1 hour', g"
                        + " FROM generate_series(0, 47) g",
                "CREATE TABLE public.plain AS SELECT g AS id FROM generate_series(1, 1000) g",
                "CREATE ROLE " + role + " LOGIN");
    }

    @AfterAll
    static void noRole() throws SQLException {
        ServerSays.done(server, source, "DROP OWNED BY " + role, "DROP ROLE " + role);
    }

    @BeforeEach
    void anOperator() {
        operator = new Operator(folder, server);
    }

    @Test
    void what_can_not_be_connected_to() {
        refused(
                operator.backup(source.replaceFirst("@[^/]*/", "@nowhere.invalid:5432/")),
                1,
                "hyperkeep: cannot connect to postgres@nowhere.invalid:5432/DATABASE: the host name nowhere.invalid is not known\n"
                        + "HINT: check the host's spelling and this machine's name resolution.\n");
        refused(
                operator.backup(source.replaceFirst(":\\d+/", ":1/")),
                1,
                "hyperkeep: cannot connect to postgres@HOST:1/DATABASE: connection refused\n"
                        + "HINT: is the server running, and does it listen there? Check host, port and listen_addresses.\n");
        refused(
                operator.backup(server.uri("hk_nowhere")),
                1,
                "hyperkeep: cannot connect to postgres@ADDRESS/hk_nowhere: database \"hk_nowhere\" does not exist\n"
                        + "HINT: check the database's name, or create it: createdb; for a restore, --create-database does.\n");
        refused(
                operator.backup(as("hk_nobody")),
                12,
                "hyperkeep: cannot connect to hk_nobody@ADDRESS/DATABASE: role \"hk_nobody\" does not exist\n"
                        + "HINT: check that the role exists and may log in: CREATE ROLE … LOGIN.\n");
        assertThat(operator.files()).isEmpty();
    }

    @Test
    void a_table_that_may_not_be_read() throws Exception {
        ServerSays.done(
                server, source, "GRANT SELECT ON public.metrics TO " + role, "REVOKE ALL ON public.plain FROM " + role);
        refused(
                operator.backup(as(role)),
                12,
                "hyperkeep: cannot take a snapshot of ROLE@ADDRESS/DATABASE: permission denied for table plain\n"
                        + "HINT: a privilege is missing: `hyperkeep check` names the GRANTs to run.\n");
        assertThat(operator.leftovers()).isEmpty();

        // weaker locks are enough to read with, as long as nothing is compressed
        ServerSays.done(server, source, "GRANT SELECT ON public.plain TO " + role);
        Operator.Ended ended = operator.run(operator.backup(as(role)));
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        assertThat(ended.err())
                .contains(
                        "without MAINTAIN on every table only ACCESS SHARE locks can be had: rows of each compressed chunk"
                                + " are counted twice instead");
    }

    @Test
    void a_table_whose_rows_are_hidden_fails_and_is_not_backed_up_in_part() throws Exception {
        String hidden = server.createDatabase("hidden", false);
        ServerSays.done(
                server,
                hidden,
                "CREATE TABLE public.secrets AS SELECT g AS id FROM generate_series(1, 10) g",
                "ALTER TABLE public.secrets ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY few ON public.secrets USING (id < 5)",
                "GRANT SELECT, MAINTAIN ON public.secrets TO " + role);
        refused(
                operator.backup(hidden.replaceFirst("//[^@]*@", "//" + role + "@")),
                12,
                "hyperkeep: cannot export public.secrets, unit secrets: query would be affected by row-level security policy"
                        + " for table \"secrets\"\n"
                        + "HINT: a privilege is missing: `hyperkeep check` names the GRANTs to run.\n");
        assertThat(operator.leftovers()).isEmpty();
        ServerSays.done(server, hidden, "DROP OWNED BY " + role);
    }

    @Test
    void patterns_that_match_nothing() {
        refused(
                operator.backup(source, "--include", "public.nothing*"),
                2,
                "hyperkeep: no table matches the pattern 'public.nothing*'\n"
                        + "HINT: the database has public.metrics, public.plain; a pattern is schema.table with * and ?, names"
                        + " with capitals in double quotes\n");
        refused(
                operator.backup(source, "--include", "public.plain", "--exclude", "public.*"),
                2,
                "hyperkeep: --include and --exclude together select no table of the database\n"
                        + "HINT: an exclude pattern wins over an include pattern; --exclude may be too wide\n");
        assertThat(operator.leftovers()).isEmpty();
    }

    @Test
    void a_repository_that_is_none() throws Exception {
        Files.createDirectories(operator.repository);
        Files.writeString(operator.repository.resolve("holiday.jpg"), "not ours");
        refused(
                operator.backup(source),
                1,
                "hyperkeep: the folder FOLDER/repository is not a repository, and not empty: it has holiday.jpg\n"
                        + "HINT: give an empty or a new folder\n");
        assertThat(operator.files()).containsExactly("holiday.jpg");
        refused(
                new String[] {"backups", "--repository", operator.repository.toString()},
                10,
                "hyperkeep: there is no repository in FOLDER/repository: it has no hyperkeep.json\n"
                        + "HINT: give the folder that `hyperkeep backup --repository` was given\n");

        Path file = Files.writeString(folder.resolve("file"), "x");
        refused(
                new String[] {"backup", "--database", source, "--repository", file.toString()},
                1,
                "hyperkeep: the repository FOLDER/file is not a folder\nHINT: give a folder\n");
        assertThat(file).hasContent("x");
    }

    @Test
    void a_repository_that_may_not_be_written() throws Exception {
        Files.createDirectories(operator.repository);
        if (!isRoot()) {
            Files.setPosixFilePermissions(operator.repository, PosixFilePermissions.fromString("r-xr-xr-x"));
            refused(
                    operator.backup(source),
                    1,
                    "hyperkeep: cannot write FOLDER/repository: permission denied\n"
                            + "HINT: the user that runs hyperkeep must own the folder, or may be given it with chown\n");
            return;
        }
        // root may write everywhere but here
        mounted("ro,size=64k");
        try {
            refused(
                    operator.backup(source),
                    1,
                    "hyperkeep: cannot write FOLDER/repository: read-only file system\n"
                            + "HINT: mount the file system writable, or choose another repository\n");
        } finally {
            unmounted();
        }
    }

    @Test
    void a_repository_without_space() throws Exception {
        Assumptions.assumeTrue(isRoot(), "a small disk can only be mounted by root");
        Files.createDirectories(operator.repository);
        mounted("size=256k");
        try {
            ServerSays.done(
                    server,
                    source,
                    "CREATE TABLE IF NOT EXISTS public.incompressible AS SELECT md5(g::text) AS v FROM generate_series(1, 40000) g");
            // this table alone: which of several writes the last byte that fits is a matter of chance
            refused(
                    operator.backup(source, "--include", "public.incompressible"),
                    1,
                    "hyperkeep: cannot write DATABASE/data/public.incompressible: no space left on device\n"
                            + "HINT: free space there, or choose another repository; nothing half-written was left behind\n");
            assertThat(operator.leftovers()).isEmpty();
        } finally {
            ServerSays.done(server, source, "DROP TABLE IF EXISTS public.incompressible");
            unmounted();
        }
    }

    @Test
    void targets_that_can_not_take_the_restore() throws Exception {
        backedUp();
        refused(
                operator.restore("latest", source),
                1,
                "hyperkeep: database DATABASE is the one that the backup was taken from\n"
                        + "HINT: restore into a new database, e.g. with --create-database, compare, and rename it then;"
                        + " or restore some tables beside the present ones, with --include and --rename\n");
        String full = server.createDatabase("full", true);
        ServerSays.done(server, full, "CREATE TABLE public.plain (mine int)", "INSERT INTO public.plain VALUES (1)");
        refused(
                operator.restore("latest", full),
                1,
                "hyperkeep: database " + name(full) + " already has table public.plain\n"
                        + "HINT: restore into a new database, e.g. with --create-database, leave tables out with --exclude,"
                        + " or restore them beside with --rename; nothing that exists is ever overwritten\n");
        assertThat(ServerSays.one(server, full, "SELECT count(*) FROM public.plain"))
                .isEqualTo("1");
        assertThat(ServerSays.one(server, full, "SELECT to_regnamespace('hyperkeep') IS NULL"))
                .isEqualTo("t");
        refused(
                operator.restore("latest", server.uri("hk_missing")),
                1,
                "hyperkeep: cannot connect to postgres@ADDRESS/hk_missing: database \"hk_missing\" does not exist\n"
                        + "HINT: check the database's name, or create it: createdb; for a restore, --create-database does.\n");
    }

    @ParameterizedTest
    @CsvSource({
        "data, missing, is missing",
        "data, cut, is \\d+ bytes long instead of \\d+",
        "data, altered, its checksum differs",
        "schema, missing, is missing",
        "schema, cut, is \\d+ bytes long instead of \\d+",
        "schema, altered, its checksum differs",
        "manifest, cut, it is cut or altered",
        "manifest, newer, 'it is of format 2, this version reads up to 1'"
    })
    void a_damaged_backup_is_refused_by_name_before_the_target_is_made(String file, String damage, String what)
            throws Exception {
        BackupFolder backup = backedUp();
        assertThat(operator.run("verify", backup.path().toString()).exitCode()).isEqualTo(0);
        Path damaged = damaged(backup, file);
        damage(damaged, damage);
        String target = server.uri("hk_never_made");

        for (String[] command : List.of(
                operator.restore(backup.id(), target, "--create-database"),
                new String[] {"verify", backup.path().toString()})) {
            Operator.Ended ended = operator.run(command);
            assertThat(ended.exitCode()).as(ended.err()).isEqualTo(1);
            assertThat(ended.out() + ended.failure())
                    .containsPattern(Pattern.quote(damaged.getFileName().toString()) + "(: | +)" + what)
                    .contains("\nHINT: ");
        }
        assertThat(ServerSays.one(server, source, "SELECT count(*) FROM pg_database WHERE datname = 'hk_never_made'"))
                .isEqualTo("0");
    }

    @Test
    void what_does_not_exist() throws Exception {
        backedUp();
        refused(
                operator.restore("20200101T000000Z", server.uri("hk_x")),
                10,
                "hyperkeep: there is no backup '20200101T000000Z' in repository FOLDER/repository\n"
                        + "HINT: the newest are DATABASE " + operator.newest().id() + ".\n");
        refused(
                new String[] {"verify", folder.resolve("nothing").toString()},
                10,
                "hyperkeep: there is no backup in FOLDER/nothing: it has no manifest.json\n"
                        + "HINT: a backup's folder is <repository>/<database>/backups/<id>; `hyperkeep backups --repository DIR`"
                        + " lists them.\n");
        refused(
                new String[] {"runs", "show", "99"},
                10,
                "hyperkeep: there is no run 99\nHINT: `hyperkeep runs list` lists the newest.\n");
        refused(
                new String[] {"backup", "nightly"},
                10,
                "hyperkeep: there is no plan 'nightly' in the configuration\n"
                        + "HINT: no plan is configured; give --database and --repository instead.\n");
    }

    @Test
    void keys_that_are_not_known() throws Exception {
        Files.createDirectories(folder.resolve("home"));
        Files.writeString(folder.resolve("home/hyperkeep.yml"), """
                databases:
                  d:
                    uri: postgresql://localhost/d
                    pasword-file: /x
                plans:
                  nightly: {database: d, repository: r, jbs: 3}
                """);
        refused(new String[] {"backup", "nightly"}, 2, """
                hyperkeep: the configuration has 3 problems:
                  FOLDER/home/hyperkeep.yml:4: databases.d.pasword-file: there is no such key; did you mean 'password-file'?
                  FOLDER/home/hyperkeep.yml:6: plans.nightly.jbs: there is no such key; did you mean 'jobs'?
                  FOLDER/home/hyperkeep.yml:6: plans.nightly.repository: there is no repository 'r' in the configuration; a folder is written with a slash, such as ./r
                HINT: `hyperkeep config example` prints a file with every key; `hyperkeep config check` validates yours.
                """);
    }

    private BackupFolder backedUp() {
        Operator.Ended ended = operator.run(operator.backup(source));
        assertThat(ended.exitCode()).as(ended.err()).isEqualTo(0);
        return operator.newest();
    }

    private static Path damaged(BackupFolder backup, String file) {
        return switch (file) {
            case "data" -> backup.file(backup.manifest().tables().get(0).units().get(0));
            case "schema" -> backup.path().resolve("schema/pre-data.sql");
            default -> backup.path().resolve("manifest.json");
        };
    }

    private static void damage(Path file, String how) throws IOException {
        byte[] bytes = Files.readAllBytes(file);
        switch (how) {
            case "missing" -> Files.delete(file);
            case "cut" -> Files.write(file, java.util.Arrays.copyOf(bytes, bytes.length - 10));
            case "newer" ->
                Files.writeString(
                        file,
                        Files.readString(file).replace("\"formatVersion\" : 1", "\"formatVersion\" : 2"),
                        StandardOpenOption.TRUNCATE_EXISTING);
            default -> {
                bytes[bytes.length / 2] ^= 1;
                Files.write(file, bytes);
            }
        }
    }

    private void refused(String[] command, int exitCode, String told) {
        Operator.Ended ended = operator.run(command);
        assertThat(visible(ended.failure())).isEqualTo(told);
        assertThat(ended.exitCode()).isEqualTo(exitCode);
    }

    private String visible(String text) {
        return text.replace(name(source), "DATABASE")
                .replace(source.replaceFirst(".*@([^/]*)/.*", "$1"), "ADDRESS")
                .replace(source.replaceFirst(".*@([^:/]*).*", "$1"), "HOST")
                .replace(role, "ROLE");
    }

    private static String as(String role) {
        return source.replaceFirst("//[^@]*@", "//" + role + "@");
    }

    private static String name(String uri) {
        return uri.replaceAll(".*/", "").replaceAll("\\?.*", "");
    }

    private static boolean isRoot() {
        return "root".equals(System.getProperty("user.name"));
    }

    private void mounted(String options) {
        Assumptions.assumeTrue(
                ran("mount", "-t", "tmpfs", "-o", options, "tmpfs", operator.repository.toString()),
                "a disk of this test's own can not be mounted here");
    }

    private void unmounted() {
        assertThat(ran("umount", operator.repository.toString())).isTrue();
    }

    private static boolean ran(String... command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(Path.of("/dev/null").toFile())
                    .start();
            return process.waitFor(20, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
