package io.hyperkeep.schema;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Dimension.Kind;
import io.hyperkeep.manifest.Dimension.QualifiedName;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.TableName;
import java.util.List;
import org.junit.jupiter.api.Test;

class HypertableDdlTest {
    private static final Dimension TIME =
            new Dimension("time", "timestamp with time zone", Kind.RANGE, 86_400_000_000L, null, null, null);

    @Test
    void says_only_what_is_not_timescaledbs_default() {
        Hypertable hypertable = new Hypertable(
                List.of(TIME), "_timescaledb_internal", "_hyper_12", List.of(), null, List.of(), List.of());
        assertThat(HypertableDdl.statements(new TableName("app", "metrics"), hypertable, "public"))
                .containsExactly("""
                        SELECT "public".create_hypertable(relation => '"app"."metrics"'::pg_catalog.regclass,\
                         time_column_name => 'time', chunk_time_interval => 86400000000::bigint,\
                         create_default_indexes => false)""");
    }

    @Test
    void keeps_the_dimensions_order_and_quotes_every_name() {
        Dimension integer = new Dimension(
                "o'clock",
                "bigint",
                Kind.RANGE,
                10L,
                null,
                new QualifiedName("F", "of \"x\" y"),
                new QualifiedName("f", "now"));
        Dimension hash = new Dimension("Dev", "text", Kind.HASH, null, 4, new QualifiedName("f", "hash"), null);
        Dimension second = new Dimension("cell", "integer", Kind.RANGE, 100L, null, null, null);
        Hypertable hypertable = new Hypertable(
                List.of(integer, hash, second), "My Chunks", "p_", List.of(), null, List.of(), List.of());
        assertThat(HypertableDdl.statements(new TableName("S", "a.b"), hypertable, "ext"))
                .containsExactly("""
                        SELECT "ext".create_hypertable(relation => '"S"."a.b"'::pg_catalog.regclass,\
                         time_column_name => 'o''clock', chunk_time_interval => 10::bigint,\
                         create_default_indexes => false, associated_schema_name => 'My Chunks',\
                         associated_table_prefix => 'p_',\
                         time_partitioning_func => (SELECT p.oid::pg_catalog.regproc FROM pg_catalog.pg_proc p\
                         JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace\
                         WHERE n.nspname OPERATOR(pg_catalog.=) 'F' AND p.proname OPERATOR(pg_catalog.=) 'of "x" y'\
                         AND p.pronargs OPERATOR(pg_catalog.=) 1 ORDER BY p.proargtypes[0]\
                         OPERATOR(pg_catalog.=) pg_catalog.to_regtype('bigint') DESC NULLS LAST, p.proargtypes[0]\
                         OPERATOR(pg_catalog.=) 'anyelement'::pg_catalog.regtype DESC LIMIT 1))""", """
                        SELECT "ext".add_dimension('"S"."a.b"'::pg_catalog.regclass, 'Dev', number_partitions => 4,\
                         partitioning_func => (SELECT p.oid::pg_catalog.regproc FROM pg_catalog.pg_proc p\
                         JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace\
                         WHERE n.nspname OPERATOR(pg_catalog.=) 'f' AND p.proname OPERATOR(pg_catalog.=) 'hash'\
                         AND p.pronargs OPERATOR(pg_catalog.=) 1 ORDER BY p.proargtypes[0]\
                         OPERATOR(pg_catalog.=) pg_catalog.to_regtype('text') DESC NULLS LAST, p.proargtypes[0]\
                         OPERATOR(pg_catalog.=) 'anyelement'::pg_catalog.regtype DESC LIMIT 1))""", """
                        SELECT "ext".add_dimension('"S"."a.b"'::pg_catalog.regclass, 'cell',\
                         chunk_time_interval => 100::bigint)""", """
                        SELECT "ext".set_integer_now_func('"S"."a.b"'::pg_catalog.regclass,\
                         '"f"."now"()'::pg_catalog.regprocedure::pg_catalog.regproc)""");
    }

    @Test
    void a_hypertable_needs_a_range() {
        Hypertable none =
                new Hypertable(List.of(), "_timescaledb_internal", "_hyper_1", List.of(), null, List.of(), List.of());
        assertThatThrownBy(() -> HypertableDdl.statements(new TableName("a", "b"), none, "public"))
                .hasMessage("hypertable a.b has no range dimension");
    }
}
