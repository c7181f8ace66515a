package io.hyperkeep.schema;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaEntry.Section;
import io.hyperkeep.manifest.TableName;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class RenameSqlTest {
    private static final TableName METRICS = new TableName("app", "metrics");

    /** {@code app.metrics} beside itself. */
    private static final RenameSql BESIDE = new RenameSql(new NewNames(
            Map.of(
                    METRICS,
                    new TableName("app", "kept"),
                    new TableName("app", "metrics_pkey"),
                    new TableName("app", "kept_pkey"),
                    new TableName("app", "by_device"),
                    new TableName("app", "kept_by_device"),
                    new TableName("app", "metrics_id_seq"),
                    new TableName("app", "kept_id_seq")),
            Map.of(),
            Map.of(),
            Map.of(METRICS, Set.of("metrics_pkey"))));

    /** All of {@code app} in {@code "My Lab"}, with a function of the table's name. */
    private static final RenameSql MAPPED = new RenameSql(new NewNames(
            Map.of(
                    METRICS,
                    new TableName("My Lab", "metrics"),
                    new TableName("app", "kind"),
                    new TableName("My Lab", "kind"),
                    new TableName("app", "+"),
                    new TableName("My Lab", "+")),
            Map.of(METRICS, new TableName("My Lab", "metrics")),
            Map.of("app", "My Lab"),
            Map.of()));

    @Test
    void tables_and_what_shares_their_names_are_renamed_where_they_are_meant() {
        assertThat(beside("TABLE", """
                CREATE TABLE app.metrics (
                    id bigint NOT NULL, note text DEFAULT 'app.metrics'::text,
                    CONSTRAINT metrics_pkey_check CHECK ((id > 0))
                );
                -- app.metrics
                ALTER TABLE app.metrics OWNER TO app;
                ALTER TABLE app.metrics ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
                    SEQUENCE NAME app.metrics_id_seq START WITH 1);
                """)).isEqualTo("""
                CREATE TABLE "app"."kept" (
                    id bigint NOT NULL, note text DEFAULT 'app.metrics'::text,
                    CONSTRAINT metrics_pkey_check CHECK ((id > 0))
                );
                -- app.metrics
                ALTER TABLE "app"."kept" OWNER TO app;
                ALTER TABLE "app"."kept" ALTER COLUMN id ADD GENERATED ALWAYS AS IDENTITY (
                    SEQUENCE NAME "app"."kept_id_seq" START WITH 1);
                """);
        assertThat(beside("SEQUENCE OWNED BY", "ALTER SEQUENCE app.metrics_id_seq OWNED BY app.metrics.id;"))
                .isEqualTo("ALTER SEQUENCE \"app\".\"kept_id_seq\" OWNED BY \"app\".\"kept\".id;");
        assertThat(beside("DEFAULT", "SET DEFAULT nextval('app.metrics_id_seq'::regclass);"))
                .isEqualTo("SET DEFAULT nextval('app.kept_id_seq'::regclass);");
        assertThat(beside("INDEX", """
                CREATE INDEX by_device ON app.metrics USING btree (metrics, by_device);
                ALTER TABLE app.metrics CLUSTER ON by_device;
                ALTER TABLE app.metrics REPLICA IDENTITY USING INDEX by_device;
                """)).isEqualTo("""
                CREATE INDEX "kept_by_device" ON "app"."kept" USING btree (metrics, by_device);
                ALTER TABLE "app"."kept" CLUSTER ON "kept_by_device";
                ALTER TABLE "app"."kept" REPLICA IDENTITY USING INDEX "kept_by_device";
                """);
        assertThat(beside("CONSTRAINT", "ALTER TABLE app.metrics ADD CONSTRAINT metrics_pkey PRIMARY KEY (id);"))
                .isEqualTo("ALTER TABLE \"app\".\"kept\" ADD CONSTRAINT \"kept_pkey\" PRIMARY KEY (id);");
        assertThat(beside("COMMENT", "COMMENT ON CONSTRAINT metrics_pkey ON app.metrics IS 'of app.metrics';"))
                .isEqualTo("COMMENT ON CONSTRAINT \"kept_pkey\" ON \"app\".\"kept\" IS 'of app.metrics';");
        assertThat(beside("TABLE", "\"app\".\"metrics\" app.metrics_2 x.app.metrics \"App\".metrics app . metrics"))
                .isEqualTo("\"app\".\"kept\" app.metrics_2 x.app.metrics \"App\".metrics app . metrics");
    }

    @Test
    void bodies_and_strings_stay_and_are_told() {
        String body = "CREATE FUNCTION app.f() AS $$ SELECT 1 FROM app.metrics $$;";
        assertThat(beside("FUNCTION", body)).isEqualTo(body);
        assertThat(BESIDE.mentions(entry("FUNCTION"), body)).isEqualTo("app.metrics");
        assertThat(BESIDE.mentions(entry("FUNCTION"), "AS $$ SELECT 1 FROM metrics m $$"))
                .isEqualTo("metrics");
        assertThat(BESIDE.mentions(entry("FUNCTION"), "AS $_$ EXECUTE 'TRUNCATE app.metrics' $_$"))
                .isEqualTo("app.metrics");
        assertThat(BESIDE.mentions(entry("TABLE"), "DEFAULT E'\\'app.metrics'")).isEqualTo("app.metrics");
        assertThat(BESIDE.mentions(entry("FUNCTION"), "AS $$ SELECT 1 FROM app.other -- app.metrics $$"))
                .isNull();
        assertThat(BESIDE.mentions(entry("DEFAULT"), "nextval('app.metrics_id_seq'::regclass)"))
                .isNull();
        assertThat(BESIDE.mentions(entry("COMMENT"), "IS 'of app.metrics'")).isNull();
        assertThat(MAPPED.mentions(entry("FUNCTION"), "AS $$ SELECT app.anything() $$"))
                .isEqualTo("app.anything");
    }

    @Test
    void a_query_without_an_alias_gets_the_old_name_as_one() {
        assertThat(beside("VIEW", """
                CREATE VIEW app.v AS
                 SELECT metrics.id, ( SELECT count(*) FROM app.metrics m) AS n
                   FROM (app.metrics
                     JOIN app.device ON ((device.id = metrics.id)));
                """)).isEqualTo("""
                CREATE VIEW app.v AS
                 SELECT metrics.id, ( SELECT count(*) FROM "app"."kept" m) AS n
                   FROM ("app"."kept" "metrics"
                     JOIN app.device ON ((device.id = metrics.id)));
                """);
        assertThat(BESIDE.definition(METRICS, "SELECT 1 FROM app.metrics, app.b"))
                .isEqualTo("SELECT 1 FROM app.kept metrics, app.b");
        assertThat(BESIDE.definition(METRICS, "app.metrics[]")).isEqualTo("app.kept[]");
    }

    @Test
    void whole_schemas_are_renamed_with_their_routines_types_and_operators() {
        assertThat(mapped("FUNCTION", """
                CREATE FUNCTION app.metrics(a app.kind, r app.metrics) RETURNS SETOF app.metrics LANGUAGE sql
                    SET search_path TO 'other', 'app'
                    BEGIN ATOMIC
                 SELECT m.* FROM app.metrics m WHERE (m.kind OPERATOR(app.+) a);
                END;
                """)).isEqualTo("""
                CREATE FUNCTION "My Lab"."metrics"(a "My Lab"."kind", r "My Lab"."metrics") RETURNS SETOF "My Lab"."metrics" LANGUAGE sql
                    SET search_path TO 'other', 'My Lab'
                    BEGIN ATOMIC
                 SELECT m.* FROM "My Lab"."metrics" m WHERE (m.kind OPERATOR("My Lab".+) a);
                END;
                """);
        assertThat(mapped("SCHEMA", "CREATE SCHEMA IF NOT EXISTS app;\nALTER SCHEMA app OWNER TO app;"))
                .isEqualTo("CREATE SCHEMA IF NOT EXISTS \"My Lab\";\nALTER SCHEMA \"My Lab\" OWNER TO app;");
        assertThat(mapped("ACL", "GRANT USAGE ON SCHEMA app TO app;"))
                .isEqualTo("GRANT USAGE ON SCHEMA \"My Lab\" TO app;");
        assertThat(mapped("EXTENSION", "CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA app;"))
                .isEqualTo("CREATE EXTENSION IF NOT EXISTS hstore WITH SCHEMA app;");
        assertThat(mapped("VIEW", "CREATE VIEW app.v AS SELECT app.time_bucket(1), x::app.kind FROM app.metrics"))
                // what the backup has no object of is an extension's
                .isEqualTo(
                        "CREATE VIEW app.v AS SELECT app.time_bucket(1), x::\"My Lab\".\"kind\" FROM \"My Lab\".\"metrics\"");
        assertThat(mapped("FK CONSTRAINT", "FOREIGN KEY (a) REFERENCES app.metrics(id)"))
                .isEqualTo("FOREIGN KEY (a) REFERENCES \"My Lab\".\"metrics\"(id)");
    }

    @Test
    void a_schema_that_is_an_alias_too_is_ambiguous() {
        assertThat(MAPPED.ambiguous(entry("VIEW"), "CREATE VIEW x.v AS SELECT app.metrics FROM x.y app"))
                .isTrue();
        assertThat(MAPPED.ambiguous(entry("VIEW"), "CREATE VIEW x.v AS SELECT app.metrics FROM x.app"))
                .isTrue();
        assertThat(MAPPED.ambiguous(
                        entry("VIEW"),
                        "CREATE VIEW app.v AS SELECT 1 FROM app.metrics;\nALTER VIEW app.v OWNER TO app;"))
                .isFalse();
        assertThat(MAPPED.ambiguous(entry("TABLE"), "CREATE TABLE app.metrics (app int)"))
                .isFalse();
    }

    private static String beside(String type, String sql) {
        return BESIDE.entry(entry(type), sql);
    }

    private static String mapped(String type, String sql) {
        return MAPPED.entry(entry(type), sql);
    }

    private static SchemaEntry entry(String type) {
        return new SchemaEntry(1, type, "app", "x", null, Section.PRE_DATA, 0, 0, METRICS, List.of());
    }
}
