package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.regex.Pattern;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;

/** Some of the tables: what comes with them, what stays behind, and who is told. */
class SelectionTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static final Pattern ABOUT_METRICS = Pattern.compile("^. [a-z ]+ app\\.metrics ");

    private static DatabaseContents source;
    private static Path whole;

    @BeforeAll
    static void fill() throws SQLException {
        server.execute(
                "CREATE SCHEMA app",
                "CREATE SCHEMA other",
                "CREATE TYPE app.mood AS ENUM ('good', 'bad')",
                "CREATE DOMAIN app.positive AS int CHECK (VALUE > 0)",
                "CREATE TYPE app.unused AS (a int)",
                "CREATE SEQUENCE app.numbers START 100",
                "CREATE SEQUENCE app.free",
                "CREATE FUNCTION app.next_name() RETURNS text BEGIN ATOMIC SELECT 'name ' || nextval('app.numbers'); END",
                "CREATE FUNCTION app.unrelated() RETURNS int LANGUAGE sql AS 'SELECT 1'",
                "CREATE FUNCTION app.keep() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NEW; END'",
                "CREATE TABLE app.device (id serial PRIMARY KEY, name text DEFAULT app.next_name(), mood app.mood)",
                "INSERT INTO app.device (mood) SELECT 'good' FROM generate_series(1, 10)",
                "CREATE TABLE app.metrics (at timestamptz NOT NULL, device int CONSTRAINT of_device REFERENCES app.device, v app.positive)",
                "SELECT create_hypertable('app.metrics', by_range('at', interval '1 day'))",
                "CREATE TRIGGER keep BEFORE INSERT ON app.metrics FOR EACH ROW EXECUTE FUNCTION app.keep()",
                "INSERT INTO app.metrics SELECT '2026-01-01'::timestamptz + n * interval '1 hour', 1 + n % 10, n + 1 FROM generate_series(0, 99) n",
                "CREATE TABLE other.\"Log.s\" (id int GENERATED ALWAYS AS IDENTITY, t text)",
                "INSERT INTO other.\"Log.s\" (t) SELECT 'log' FROM generate_series(1, 5)",
                "CREATE TABLE other.logs (t text)",
                "CREATE VIEW app.named AS SELECT m.*, d.name FROM app.metrics m JOIN app.device d ON d.id = m.device",
                "CREATE VIEW app.moods AS SELECT mood, count(*) FROM app.device GROUP BY 1");
        source = EveryObject.contents(server, server.uri());
        whole = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve("whole"))
                .exitsWith(0)
                .backup();
    }

    @Test
    void a_backup_of_one_table_has_the_types_and_functions_that_it_needs_and_says_what_it_lost() throws SQLException {
        Ended backup = backup("one", "--include", "app.metrics").exitsWith(3);

        assertThat(backup.warnings())
                .containsExactlyInAnyOrder(
                        "not-selected: FK CONSTRAINT app.metrics of_device is not in the backup: it needs table app.device, which is not selected",
                        "not-selected: VIEW app.named is not in the backup: it needs table app.device, which is not selected");
        String target = server.newDatabase("one");
        hyperkeep.restore(server, backup.backup(), target).exitsWith(0);
        assertThat(lost(target))
                .noneMatch(line -> line.startsWith("+"))
                .noneMatch(line -> ABOUT_METRICS.matcher(line).find() && !line.contains("of_device"))
                .noneMatch(line -> line.startsWith("- type app.positive ") || line.startsWith("- routine app.keep()"))
                .anyMatch(line -> line.startsWith("- type app.mood "))
                .anyMatch(line -> line.startsWith("- routine app.unrelated() "));
    }

    @Test
    void an_owned_sequence_comes_with_its_table_and_a_used_one_with_the_default_that_uses_it() throws SQLException {
        Path backup = backup("sequences", "--include", "app.dev*").exitsWith(3).backup();
        String target = server.newDatabase("sequences");
        hyperkeep.restore(server, backup, target).exitsWith(0);

        assertThat(lost(target))
                .noneMatch(line -> line.contains(" app.device_id_seq ")
                        || line.contains(" app.numbers ")
                        || line.startsWith("- routine app.next_name()"))
                .noneMatch(line -> line.contains("rows of app.device "));
        assertThat(EveryObject.ask(server, target, "INSERT INTO app.device (mood) VALUES ('bad') RETURNING id"))
                .isEqualTo("11");
    }

    @Test
    void a_backup_without_one_table_has_everything_else() throws SQLException {
        Ended backup = backup("without", "--exclude", "other.\"Log.s\"").exitsWith(0);
        String target = server.newDatabase("without");
        hyperkeep.restore(server, backup.backup(), target).exitsWith(0);

        assertThat(lost(target)).isNotEmpty().allMatch(line -> line.startsWith("- ") && line.contains("Log.s"));
    }

    @Test
    void what_needs_an_excluded_table_is_named() {
        assertThat(backup("excluded", "--exclude", "device").exitsWith(3).warnings())
                .containsExactlyInAnyOrder(
                        "not-selected: FK CONSTRAINT app.metrics of_device is not in the backup: it needs table app.device, which is not selected",
                        "not-selected: VIEW app.named is not in the backup: it needs table app.device, which is not selected",
                        "not-selected: VIEW app.moods is not in the backup: it needs table app.device, which is not selected");
    }

    @Test
    void a_restore_of_one_table_has_what_it_needs_and_says_what_it_lost() throws SQLException {
        String target = server.newDatabase("restored_one");

        Ended restored = hyperkeep
                .restore(server, whole, target, "--include", "app.metrics")
                .exitsWith(3);

        assertThat(restored.warnings())
                .containsExactlyInAnyOrder(
                        "not-selected: fk constraint app.metrics of_device is not restored: it needs table app.device, which is not selected",
                        "not-selected: view app.named is not restored: it needs table app.device, which is not selected");
        assertThat(restored.json().get("rows").longValue()).isEqualTo(100);
        assertThat(lost(target))
                .noneMatch(line -> line.startsWith("+"))
                .noneMatch(line -> ABOUT_METRICS.matcher(line).find() && !line.contains("of_device"));
    }

    @Test
    void a_restore_without_one_table_has_everything_else() throws SQLException {
        String target = server.newDatabase("restored_without");

        hyperkeep.restore(server, whole, target, "--exclude", "other.\"Log.s\"").exitsWith(0);

        assertThat(lost(target)).isNotEmpty().allMatch(line -> line.startsWith("- ") && line.contains("Log.s"));
    }

    @Test
    void a_pattern_that_matches_nothing_is_refused_before_anything_is_created() throws SQLException {
        Ended backup =
                backup("never", "--include", "app.*", "--exclude", "app.devise").exitsWith(2);

        assertThat(backup.err()).contains("no table matches the pattern 'app.devise'");
        assertThat(hyperkeep.folder().resolve("never")).doesNotExist();

        String target = server.newDatabase("untouched");
        Ended restore = hyperkeep
                .restore(server, whole, target, "--include", "app.metric")
                .exitsWith(2);
        assertThat(restore.err()).contains("matches app.metric\"").contains("did you mean app.metrics?");
        assertThat(EveryObject.list(
                        server, target, "SELECT nspname FROM pg_namespace WHERE nspname IN ('app', 'hyperkeep')"))
                .isEmpty();
        assertThat(EveryObject.list(server, target, "SELECT extname FROM pg_extension"))
                .containsExactly("plpgsql");
    }

    @Test
    void a_selection_of_nothing_is_refused_before_anything_is_created() {
        Ended backup =
                backup("nothing", "--include", "app.*", "--exclude", "app.*").exitsWith(2);

        assertThat(backup.err()).contains("--include and --exclude together select no table of the database");
        assertThat(hyperkeep.folder().resolve("nothing")).doesNotExist();
    }

    private static Ended backup(String repository, String... options) {
        return hyperkeep.backup(server, server.uri(), hyperkeep.folder().resolve(repository), options);
    }

    private static List<String> lost(String target) throws SQLException {
        return DatabaseContents.differences(source, EveryObject.contents(server, target));
    }
}
