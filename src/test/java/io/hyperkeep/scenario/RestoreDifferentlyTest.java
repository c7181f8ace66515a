package io.hyperkeep.scenario;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.fixtures.HyperkeepRuns;
import io.hyperkeep.fixtures.HyperkeepRuns.Ended;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.storage.BackupFolder;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.extension.RegisterExtension;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/** Targets that are to differ from the backup: other chunks, other names, fewer rows, rows or structure alone. */
class RestoreDifferentlyTest {
    @RegisterExtension
    static final TimescaleServer server = TimescaleServer.v17();

    @RegisterExtension
    static final HyperkeepRuns hyperkeep = new HyperkeepRuns();

    private static Path backup;
    private static String id;

    @BeforeAll
    static void fill() throws SQLException {
        server.execute(
                "CREATE SCHEMA app",
                "CREATE TYPE app.kind AS ENUM ('good', 'bad')",
                "CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS"
                        + " 'BEGIN NEW.value := -1; RETURN NEW; END'",
                "CREATE FUNCTION app.newest() RETURNS timestamptz LANGUAGE plpgsql AS"
                        + " 'BEGIN RETURN (SELECT max(time) FROM app.metrics); END'",
                "CREATE TABLE app.device (id int PRIMARY KEY, name text)",
                "INSERT INTO app.device SELECT g, 'dev ' || g FROM generate_series(1, 8) g",
                """
                CREATE TABLE app.metrics (nr bigserial, id bigint GENERATED ALWAYS AS IDENTITY, time timestamptz NOT NULL,
                    device int NOT NULL CONSTRAINT of_device REFERENCES app.device, kind app.kind, value float8,
                    note text DEFAULT 'app.metrics, said "so"', PRIMARY KEY (nr, time),
                    CONSTRAINT small CHECK (value < 1000000))
                """,
                "SELECT create_hypertable('app.metrics', by_range('time', interval '1 day'))",
                """
                INSERT INTO app.metrics (time, device, kind, value)
                SELECT '2026-11-01'::timestamptz + g * interval '1 hour', 1 + g % 8, 'good', g
                  FROM generate_series(0, 239) g
                """,
                "CREATE INDEX by_device ON app.metrics (device, time DESC)",
                "CREATE STATISTICS app.metrics_stat ON device, kind FROM app.metrics",
                "CREATE TRIGGER touch BEFORE INSERT ON app.metrics FOR EACH ROW EXECUTE FUNCTION app.touch()",
                "ALTER TABLE app.metrics ENABLE ROW LEVEL SECURITY",
                "CREATE POLICY known ON app.metrics USING (device IN (SELECT d.id FROM app.device d))",
                "COMMENT ON TABLE app.metrics IS 'rows of app.metrics'",
                "COMMENT ON INDEX app.metrics_pkey IS 'the key'",
                "COMMENT ON CONSTRAINT metrics_pkey ON app.metrics IS 'the key, too'",
                "GRANT SELECT ON app.metrics TO PUBLIC",
                "CREATE VIEW app.latest AS SELECT metrics.device, max(metrics.time) AS time, device.name"
                        + " FROM app.metrics JOIN app.device ON device.id = metrics.device GROUP BY 1, 3",
                """
                CREATE TABLE app.events (time timestamptz NOT NULL, received timestamptz NOT NULL, device int NOT NULL,
                    room text, v int)
                """,
                "SELECT create_hypertable('app.events', by_range('time', interval '1 day'))",
                """
                INSERT INTO app.events
                SELECT '2026-11-01'::timestamptz + g * interval '10 minutes',
                       '2026-11-02'::timestamptz + g * interval '10 minutes', g % 50, 'room ' || g % 9, g
                  FROM generate_series(0, 1439) g WHERE g NOT BETWEEN 500 AND 900
                """,
                "CREATE TABLE app.counted (n bigint NOT NULL, v int)",
                "SELECT create_hypertable('app.counted', by_range('n', 100))",
                "INSERT INTO app.counted SELECT g, g FROM generate_series(-150, 849) g");
        backup = hyperkeep
                .backup(server, server.uri(), hyperkeep.folder().resolve("repository"), "--unit-size", "1KiB")
                .exitsWith(0)
                .backup();
        id = backup.getFileName().toString();
    }

    @Test
    void chunks_of_another_width_hold_the_same_rows() throws SQLException {
        String target = server.newDatabase("wider");

        hyperkeep
                .restore(
                        server,
                        backup,
                        target,
                        "--include",
                        "app.events",
                        "--include",
                        "app.counted",
                        "--chunk-interval",
                        "app.*=60h",
                        "--chunk-interval",
                        "app.counted=250")
                .exitsWith(0);

        assertThat(chunks(target, "events"))
                .containsExactly(
                        "2026-10-31 12:00:00+00 2026-11-03 00:00:00+00",
                        "2026-11-03 00:00:00+00 2026-11-05 12:00:00+00",
                        "2026-11-05 12:00:00+00 2026-11-08 00:00:00+00",
                        "2026-11-08 00:00:00+00 2026-11-10 12:00:00+00",
                        "2026-11-10 12:00:00+00 2026-11-13 00:00:00+00");
        assertThat(EveryObject.list(server, target, """
                        SELECT range_start_integer || ' ' || range_end_integer FROM timescaledb_information.chunks
                         WHERE hypertable_name = 'counted' ORDER BY range_start_integer"""))
                .containsExactly("-250 0", "0 250", "250 500", "500 750", "750 1000");
        requireSameRows(target, "app.events", "app.events");
        requireSameRows(target, "app.counted", "app.counted");
    }

    @Test
    void hash_partitions_are_added_and_narrower_chunks_without_rows_are_not_there() throws SQLException {
        String target = server.newDatabase("partitions");

        hyperkeep
                .restore(
                        server,
                        backup,
                        target,
                        "--include",
                        "app.events",
                        "--partition",
                        "app.events=device:3",
                        "--chunk-interval",
                        "app.events=8 hours")
                .exitsWith(0);

        assertThat(EveryObject.list(server, target, """
                        SELECT column_name || ' ' || coalesce(num_partitions::text, time_interval::text)
                          FROM timescaledb_information.dimensions ORDER BY dimension_number""")).containsExactly("time 08:00:00", "device 3");
        assertThat(EveryObject.ask(server, target, "SELECT count(*) FROM show_chunks('app.events')"))
                // 3 for each of 30 times 8 hours, of which 7 are within a gap of 66 hours
                .isEqualTo("69");
        requireSameRows(target, "app.events", "app.events");
    }

    @Test
    void another_column_divides_the_rows() throws SQLException {
        String target = server.newDatabase("column");

        hyperkeep
                .restore(server, backup, target, "--include", "app.events", "--time-column", "app.events=received")
                .exitsWith(0);

        assertThat(chunks(target, "events"))
                .hasSize(8)
                .startsWith("2026-11-02 00:00:00+00 2026-11-03 00:00:00+00")
                .endsWith("2026-11-11 00:00:00+00 2026-11-12 00:00:00+00");
        requireSameRows(target, "app.events", "app.events");
    }

    @Test
    void one_table_is_restored_beside_the_present_one_and_what_was_lost_is_copied() throws SQLException {
        server.execute("ALTER TYPE app.kind ADD VALUE 'new'");
        DatabaseContents before = EveryObject.contents(server, server.uri());
        Ended restored = hyperkeep
                .restore(
                        server,
                        backup,
                        server.uri(),
                        "--include",
                        "app.metrics",
                        "--rename",
                        "app.metrics=app.metrics_restored")
                .exitsWith(3);

        assertThat(restored.warnings())
                .containsExactlyInAnyOrder(
                        "not-selected: fk constraint app.metrics of_device is not restored: it needs table app.device, which is not selected",
                        "not-selected: policy app.metrics known is not restored: it needs table app.device, which is not selected",
                        "not-selected: view app.latest is not restored: it needs table app.device, which is not selected",
                        "old-name: TABLE app.metrics still names app.metrics in a text, where names are left as they were: change it by hand if it means what was restored",
                        "used-as-it-is: type app.kind is in the target already and is used as it is there, though its labels are 'good', 'bad', 'new', not 'good', 'bad'");
        assertThat(DatabaseContents.differences(before, EveryObject.contents(server, server.uri())))
                .isNotEmpty()
                .allMatch(line -> line.startsWith("+ ") && line.contains("metrics_restored"));
        assertThat(EveryObject.list(server, server.uri(), """
                        SELECT relname FROM pg_class
                         WHERE relnamespace = 'app'::regnamespace AND relname LIKE 'metrics_restored%' ORDER BY 1"""))
                .containsExactly(
                        "metrics_restored",
                        "metrics_restored_by_device",
                        "metrics_restored_id_seq",
                        "metrics_restored_nr_seq",
                        "metrics_restored_pkey",
                        "metrics_restored_time_idx");
        assertThat(
                        EveryObject.ask(
                                server,
                                server.uri(),
                                "SELECT pg_get_serial_sequence('app.metrics_restored', 'nr') || obj_description('app.metrics_restored_pkey'::regclass)"))
                .isEqualTo("app.metrics_restored_nr_seqthe key");
        requireSameRows(server.uri(), "app.metrics", "app.metrics_restored");

        String lost = EveryObject.ask(server, server.uri(), """
                WITH gone AS (DELETE FROM app.metrics WHERE device = 3 RETURNING 1),
                     kept AS (SELECT count(*) FROM app.metrics_restored r
                               WHERE NOT EXISTS (SELECT FROM app.metrics m
                                                  WHERE m.nr = r.nr AND m.time = r.time AND m.device <> 3))
                SELECT (SELECT count(*) FROM gone) || ' ' || count FROM kept""");
        assertThat(lost).isEqualTo("30 30");
        server.execute("DROP TABLE app.metrics_restored");
    }

    @Test
    @Tag("long")
    void a_schema_and_a_table_get_other_names_in_everything_that_uses_them() throws SQLException {
        String target = server.newDatabase("mapped");

        Ended restored = hyperkeep
                .restore(
                        server,
                        backup,
                        target,
                        "--schema-map",
                        "app=\"My Lab\"",
                        "--rename",
                        "app.device=\"My Lab\".machine")
                .exitsWith(3);

        assertThat(restored.warnings())
                .containsExactlyInAnyOrder(
                        "old-name: FUNCTION app.newest() still names app.metrics in a text, where names are left as they were: change it by hand if it means what was restored",
                        "old-name: TABLE app.metrics still names app.metrics in a text, where names are left as they were: change it by hand if it means what was restored");
        assertThat(EveryObject.ask(server, target, "SELECT count(*) FROM pg_namespace WHERE nspname = 'app'"))
                .isEqualTo("0");
        assertThat(EveryObject.list(server, target, """
                        SELECT c.relkind::text || ' ' || c.relname FROM pg_class c
                         WHERE c.relnamespace = '"My Lab"'::regnamespace AND c.relkind <> 'i' ORDER BY c.relname"""))
                .containsExactly(
                        "r counted",
                        "r events",
                        "v latest",
                        "r machine",
                        "r metrics",
                        "S metrics_id_seq",
                        "S metrics_nr_seq");
        assertThat(EveryObject.list(server, target, """
                        SELECT pg_get_constraintdef(oid) FROM pg_constraint WHERE conname = 'of_device' AND conparentid = 0
                         AND conrelid = '"My Lab".metrics'::regclass
                        UNION ALL SELECT pg_get_expr(polqual, polrelid) FROM pg_policy
                        UNION ALL SELECT tgfoid::regprocedure::text FROM pg_trigger WHERE tgname = 'touch'
                                     AND tgrelid = '"My Lab".metrics'::regclass
                        UNION ALL SELECT format_type(atttypid, atttypmod) FROM pg_attribute
                                   WHERE attrelid = '"My Lab".metrics'::regclass AND attname = 'kind'"""))
                .containsExactly(
                        "FOREIGN KEY (device) REFERENCES \"My Lab\".machine(id)",
                        "(device IN ( SELECT d.id\n   FROM \"My Lab\".machine d))",
                        "\"My Lab\".touch()",
                        "\"My Lab\".kind");
        assertThat(EveryObject.ask(server, target, "SELECT count(*) || ' ' || min(name) FROM \"My Lab\".latest"))
                .isEqualTo("8 dev 1");
        requireSameRows(target, "app.events", "\"My Lab\".events");
    }

    @Test
    void rows_of_some_time_come_from_the_files_of_their_chunks_alone() throws Exception {
        Path copy = hyperkeep.folder().resolve("copy");
        copy(backup.getParent().getParent(), copy);
        BackupFolder cut = new BackupFolder(copy.resolve("backups").resolve(id));
        Set<String> within = Set.copyOf(EveryObject.list(
                server,
                server.uri(),
                "SELECT split_part(show_chunks('app.metrics', older_than => '2026-11-05 00:00+00'::timestamptz,"
                        + " newer_than => '2026-11-02 00:00+00'::timestamptz)::text, '.', 2)"));
        assertThat(within).hasSize(3);
        for (TableEntry table : cut.manifest().tables()) {
            for (UnitEntry unit : table.units()) {
                boolean needed = table.name().name().equals("device")
                        || unit.relations().stream()
                                .anyMatch(relation ->
                                        within.contains(relation.name().name()));
                if (!needed) {
                    Files.delete(cut.file(unit));
                }
            }
        }
        String target = server.newDatabase("some");
        String[] options = {
            "--exclude",
            "app.events",
            "--exclude",
            "app.counted",
            "--from",
            "2026-11-02T06:00",
            "--until",
            "2026-11-05T01:00+01:00"
        };

        JsonNode planned = hyperkeep
                .restore(server, cut.path(), target, Operator.with(options, "--dry-run"))
                .exitsWith(0)
                .json();
        Ended restored = hyperkeep.restore(server, cut.path(), target, options).exitsWith(0);

        assertThat(planned.get("units").intValue()).isEqualTo(4);
        assertThat(planned.get("tables").get(0).get("rows").longValue()).isEqualTo(8);
        assertThat(planned.get("tables").get(1).get("rows").isNull()).isTrue();
        assertThat(planned.get("differently").toString())
                .isEqualTo("[\"Of hypertables, only rows from 2026-11-02T06:00 on and before 2026-11-05T01:00+01:00 are"
                        + " restored\"]");
        assertThat(restored.json().get("rows").longValue()).isEqualTo(18 + 48 + 8);
        assertThat(EveryObject.ask(
                        server, target, "SELECT count(*) || ' ' || min(time) || ' ' || max(time) FROM app.metrics"))
                .isEqualTo("66 2026-11-02 06:00:00+00 2026-11-04 23:00:00+00");
        assertThat(chunks(target, "metrics")).hasSize(3);
    }

    @Test
    void the_structure_alone_has_no_rows() throws SQLException {
        String target = server.newDatabase("structure");

        Ended planned = hyperkeep
                .restore(server, backup, target, "--schema-only", "--dry-run")
                .exitsWith(0);
        Ended restored =
                hyperkeep.restore(server, backup, target, "--schema-only").exitsWith(0);

        assertThat(planned.json().get("differently").toString()).isEqualTo("[\"No rows are restored\"]");
        assertThat(restored.json().get("rows").longValue()).isZero();
        assertThat(DatabaseContents.differences(
                        EveryObject.contents(server, server.uri()), EveryObject.contents(server, target)))
                .isNotEmpty()
                .allMatch(line -> line.substring(2).matches("(rows of|chunk of|value|type app.kind) .*"));
        assertThat(EveryObject.ask(server, target, "SELECT nextval('app.metrics_nr_seq')"))
                .isEqualTo("1");
    }

    @Test
    void rows_alone_fill_tables_that_are_there_and_empty() throws SQLException {
        String target = server.createDatabase("filled", true);
        String name = target.substring(target.lastIndexOf('/') + 1);
        String[] options = {"--data-only", "--include", "app.events", "--include", "app.counted"};
        refused(
                target,
                options,
                "database " + name + " has no table app.counted, and --data-only creates none",
                "restore without --data-only, leave the table out with --exclude, or say with --rename what it is called there");
        ServerSays.done(
                server,
                target,
                "CREATE SCHEMA app",
                "CREATE TABLE app.counted (n bigint, v int)",
                "CREATE TABLE app.events (v bigint, room text, received timestamptz, time timestamptz NOT NULL, more int)");
        refused(
                target,
                options,
                "table app.events of database " + name
                        + " is not as in the backup: it has no column device; its column v is bigint, not integer; the backup has no column more",
                "--data-only needs columns of the same names and types, in whatever order; alter the table, or restore beside it with --rename");
        ServerSays.done(
                server,
                target,
                "ALTER TABLE app.events DROP more, ADD device int, ALTER v TYPE int",
                "SELECT create_hypertable('app.events', by_range('time', interval '3 days'))",
                "CREATE INDEX mine ON app.events (device)",
                "CREATE FUNCTION app.touch() RETURNS trigger LANGUAGE plpgsql AS 'BEGIN RETURN NULL; END'",
                "CREATE TRIGGER touch BEFORE INSERT ON app.events FOR EACH ROW EXECUTE FUNCTION app.touch()");
        refused(
                target,
                options,
                "table app.events of database " + name + " has a trigger that fires on INSERT: touch",
                "it would fire for each restored row, and may change it; drop or disable it, and create or enable it again after the restore");
        ServerSays.done(server, target, "DROP TRIGGER touch ON app.events", "INSERT INTO app.counted VALUES (1, 1)");
        refused(
                target,
                options,
                "table app.counted of database " + name + " is not empty",
                "--data-only fills empty tables, so that in the end all their rows can be compared with the backup; restore beside it with --rename, and copy what is missing");
        ServerSays.done(server, target, "TRUNCATE app.counted");

        hyperkeep.restore(server, backup, target, options).exitsWith(0);

        requireSameRows(target, "app.counted", "app.counted");
        String sum = "SELECT count(*) || ' ' || sum(hashtextextended(ROW(time, received, device, room, v)::text, 0))"
                + " FROM app.events";
        assertThat(EveryObject.ask(server, target, sum)).isEqualTo(EveryObject.ask(server, server.uri(), sum));
        assertThat(EveryObject.ask(
                        server,
                        target,
                        "SELECT to_regclass('app.mine') || coalesce(to_regclass('hyperkeep.restore')::text, '')"))
                .isEqualTo("app.mine");

        ServerSays.done(
                server,
                target,
                "CREATE TABLE app.device (id int PRIMARY KEY, name text)",
                "CREATE TYPE app.kind AS ENUM ('good', 'bad')",
                "CREATE TABLE app.metrics (nr bigint, id bigint, time timestamptz, device int CONSTRAINT of_device REFERENCES app.device, kind app.kind, value float8, note text)");
        refused(
                target,
                new String[] {"--data-only", "--include", "app.metrics", "--include", "app.device"},
                "table app.metrics of database " + name
                        + " refers to table app.device, which is to be filled too: of_device",
                "rows come in no particular order; fill app.device in a restore of its own first, or drop the foreign key and create it again afterwards");
    }

    @Test
    void what_can_not_be_is_refused_before_anything_is_looked_at() {
        String metrics = "app.metrics";
        unplannable(
                "--rename app.metrcs=app.b: backup " + id + " has no table app.metrcs",
                "did you mean app.metrics?",
                "--rename",
                "app.metrcs=app.b");
        unplannable(
                "--rename app.device=app.b: table app.device is not selected",
                "see --include and --exclude",
                "--include",
                metrics,
                "--rename",
                "app.device=app.b");
        unplannable(
                "--rename app.metrics=app.metrics: that is its name already",
                "leave the option out",
                "--rename",
                "app.metrics=app.metrics");
        unplannable(
                "--rename is given twice for table app.metrics",
                "a table has one name",
                "--rename",
                "app.metrics=app.a,app.metrics=app.b");
        unplannable(
                "--rename app.device=app.metrics: table app.metrics is renamed itself, to app.device",
                "names can not be handed on in one restore: take other ones, and rename once more afterwards",
                "--rename",
                "app.device=app.metrics",
                "--rename",
                "app.metrics=app.device");
        unplannable(
                "app.device and app.metrics would both be app.metrics in the target",
                "give one of them another name with --rename",
                "--rename",
                "app.device=app.metrics");
        unplannable(
                "--rename app.device=pg_catalog.device: schema pg_catalog is not for tables of users",
                "take a schema of another name",
                "--rename",
                "app.device=pg_catalog.device");
        unplannable(
                "--rename 'app.metrics=metrics_restored' can not be read",
                "it is given as schema.table=schema.table, names with capitals in double quotes",
                "--rename",
                "app.metrics=metrics_restored");
        unplannable(
                "--schema-map ap=lab: backup " + id + " has nothing in a schema ap",
                "did you mean app?",
                "--schema-map",
                "ap=lab");
        unplannable("--schema-map 'app' can not be read", "it is given as OLD=NEW", "--schema-map", "app");
        unplannable(
                "--schema-map is given twice for schema app",
                "a schema goes to one other schema",
                "--schema-map",
                "app=a,app=b");
        unplannable(
                "--chunk-interval app.device=1d: app.device is no hypertable",
                "it has neither dimensions nor chunks; leave the option out for it",
                "--chunk-interval",
                "app.device=1d");
        unplannable(
                "--chunk-interval app.nothing=1d: no selected table matches app.nothing",
                "`hyperkeep show` lists the backup's tables",
                "--chunk-interval",
                "app.nothing=1d");
        unplannable(
                "--chunk-interval app.events=often: 'often' is not a length of time: the first dimension of app.events is column time, of type timestamp with time zone",
                "give a length of time such as 12h, 7d or '1 week'",
                "--chunk-interval",
                "app.events=often");
        unplannable(
                "--chunk-interval app.counted=1d: '1d' is not a whole number: the first dimension of app.counted is column n, of type bigint",
                "give a whole number, in the column's own unit",
                "--chunk-interval",
                "app.counted=1d");
        unplannable(
                "--chunk-interval app.counted=0: '0' is too small: the first dimension of app.counted is column n, of type bigint",
                "give a whole number, in the column's own unit",
                "--chunk-interval",
                "app.counted=0");
        unplannable(
                "--partition app.metrics=device:4: column device is not in metrics_pkey (PRIMARY KEY (nr, \"time\"))",
                "TimescaleDB wants the columns of all dimensions in every unique key",
                "--partition",
                "app.metrics=device:4");
        unplannable(
                "--partition app.events=device: 'device' is not COLUMN:N",
                "N is a number of partitions from 1 to 32767, or 0 for none by this column",
                "--partition",
                "app.events=device");
        unplannable(
                "--partition app.events=device:0: app.events is not partitioned by column device",
                "there is nothing to remove; leave the option out",
                "--partition",
                "app.events=device:0");
        unplannable(
                "--partition app.events=dev:2: table app.events has no column dev",
                "it has time, received, device, room, v",
                "--partition",
                "app.events=dev:2");
        unplannable(
                "--partition app.events=time:2: column time is another dimension already",
                "take another column",
                "--partition",
                "app.events=time:2");
        unplannable(
                "--time-column app.events=room: column room is of type text",
                "the first dimension takes times, dates and whole numbers",
                "--time-column",
                "app.events=room");
        unplannable(
                "--time-column app.events=v: column v may be NULL",
                "a row without a value would be in no chunk; set it NOT NULL in the source before the backup",
                "--time-column",
                "app.events=v");
        unplannable(
                "--time-column app.events=device: chunks of time, of type timestamp with time zone, are no measure for those of device, of type integer",
                "say how wide they are with --chunk-interval app.events=…",
                "--time-column",
                "app.events=device");
        unplannable(
                "--from 7: '7' is not a time, and the first dimension of app.events is column time, of type timestamp with time zone",
                "give a time such as 2026-11-21, 2026-11-21T06:30 or 2026-11-21T06:30+01:00, in UTC unless it says otherwise; select tables of one sort with --include",
                "--include",
                "app.events",
                "--from",
                "7");
        unplannable(
                "--until 2026-11-05: '2026-11-05' is not a whole number, and the first dimension of app.counted is column n, of type bigint",
                "give a whole number; select tables of one sort with --include",
                "--include",
                "app.counted",
                "--until",
                "2026-11-05");
        unplannable(
                "--from 2026-11-05 is not before --until 2026-11-05T01:00+01:00",
                "rows are restored from the one on, and before the other",
                "--include",
                "app.events",
                "--from",
                "2026-11-05",
                "--until",
                "2026-11-05T01:00+01:00");
        unplannable(
                "--from 2026-11-05: no hypertable is selected",
                "only hypertables have a time by which they can be cut",
                "--include",
                "app.device",
                "--from",
                "2026-11-05");
        unplannable(
                "--schema-only and --data-only contradict each other",
                "give neither to restore both",
                "--schema-only",
                "--data-only");
        unplannable(
                "--schema-only and --until contradict each other",
                "no row is restored then, of whatever time",
                "--schema-only",
                "--until",
                "2026-11-05");
        for (String option : List.of("--chunk-interval", "--partition", "--time-column")) {
            unplannable(
                    "--data-only and " + option + " contradict each other",
                    "--data-only fills tables that exist, as they are",
                    "--data-only",
                    option,
                    "app.events=x");
        }
        unplannable(
                "--data-only and --create-database contradict each other",
                "--data-only fills tables that exist, as they are",
                "--data-only",
                "--create-database");
    }

    private static void unplannable(String message, String hint, String... options) {
        Ended ended = hyperkeep
                .restore(server, backup, server.uri("hk_never_created"), Operator.with(options, "--dry-run"))
                .exitsWith(2);
        JsonNode error = JsonMapper.shared().readTree(ended.err()).get("error");
        assertThat(error.get("message").stringValue()).isEqualTo(message);
        assertThat(error.get("hint").stringValue()).isEqualTo(hint);
    }

    @Test
    void a_dry_run_says_in_what_the_target_would_differ() {
        Ended planned = hyperkeep
                .restore(
                        server,
                        backup,
                        server.uri("hk_never_created"),
                        "--output",
                        "text",
                        "--dry-run",
                        "--include",
                        "app.events",
                        "--rename",
                        "app.events=lab.events",
                        "--chunk-interval",
                        "*=1d 12h",
                        "--partition",
                        "events=device:2")
                .exitsWith(0);

        assertThat(planned.out()).isEqualTo("""
                TABLE       AS          KIND        CHUNKS  UNITS   ROWS    AS CSV
                app.events  lab.events  hypertable      16      8  1,039  61.2 KiB
                1 table in 8 units, 61.2 KiB, would be restored; nothing was done.
                Table app.events becomes lab.events.
                Hypertable lab.events is divided by time into chunks of 1d 12h and by device into 2 partitions.
                """);
    }

    private static void refused(String target, String[] options, String message, String hint) {
        Ended ended = hyperkeep.restore(server, backup, target, options).exitsWith(1);
        JsonNode error = JsonMapper.shared().readTree(ended.err()).get("error");
        assertThat(error.get("message").stringValue()).isEqualTo(message);
        assertThat(error.get("hint").stringValue()).isEqualTo(hint);
    }

    private static void copy(Path from, Path to) throws IOException {
        try (Stream<Path> files = Files.walk(from)) {
            for (Path file : files.toList()) {
                Files.copy(file, to.resolve(from.relativize(file).toString()));
            }
        }
    }

    private static List<String> chunks(String target, String table) throws SQLException {
        return EveryObject.list(
                server,
                target,
                "SELECT range_start::text || ' ' || range_end::text FROM timescaledb_information.chunks"
                        + " WHERE hypertable_name = '" + table + "' ORDER BY range_start");
    }

    private static void requireSameRows(String target, String source, String restored) throws SQLException {
        String sum = "SELECT count(*) || ' ' || sum(hashtextextended(t::text, 0)) FROM %s t";
        assertThat(EveryObject.ask(server, target, sum.formatted(restored)))
                .isEqualTo(EveryObject.ask(server, server.uri(), sum.formatted(source)));
    }
}
