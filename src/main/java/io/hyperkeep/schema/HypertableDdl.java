package io.hyperkeep.schema;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Dimension.Kind;
import io.hyperkeep.manifest.Dimension.QualifiedName;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.TableName;
import java.util.ArrayList;
import java.util.List;

/**
 * Statements that make a plain, empty table the hypertable that it was. Thread-safe: it has no state.
 *
 * <p>The functions' older form is used: it is the only one that takes the chunks' schema and prefix, and it works on
 * TimescaleDB 2.19 to 2.31. Intervals are numbers in TimescaleDB's own unit, which every version takes for every type.
 */
public final class HypertableDdl {
    private static final String DEFAULT_CHUNK_SCHEMA = "_timescaledb_internal";
    private static final String DEFAULT_CHUNK_PREFIX = "_hyper_\\d+";

    private HypertableDdl() {}

    /**
     * The statements, in order, without semicolons.
     *
     * @param table the table, which exists and is empty
     * @param timescaleSchema schema of TimescaleDB's functions in the target
     * @throws IllegalArgumentException when there is no range dimension, as no hypertable can be
     */
    public static List<String> statements(TableName table, Hypertable hypertable, String timescaleSchema) {
        String prefix = "SELECT " + Identifiers.quote(timescaleSchema) + ".";
        String relation = Identifiers.literal(Identifiers.quote(table)) + "::pg_catalog.regclass";
        Dimension first = hypertable.dimensions().stream()
                .filter(dimension -> dimension.kind() == Kind.RANGE)
                .findFirst()
                .orElseThrow(() -> new IllegalArgumentException("hypertable " + table + " has no range dimension"));
        List<String> statements = new ArrayList<>();
        statements.add(prefix + create(relation, first, hypertable));
        for (Dimension dimension : hypertable.dimensions()) {
            if (dimension != first) {
                statements.add(prefix + add(relation, dimension));
            }
        }
        for (Dimension dimension : hypertable.dimensions()) {
            if (dimension.integerNow() != null) {
                // with its empty argument list it is found even if there are others of its name
                String now = Identifiers.literal(name(dimension.integerNow()) + "()")
                        + "::pg_catalog.regprocedure::pg_catalog.regproc";
                statements.add(prefix + "set_integer_now_func(" + relation + ", " + now + ")");
            }
        }
        for (String column : hypertable.chunkSkipping()) {
            // the setting only says whether it may be switched on
            statements.add("SET timescaledb.enable_chunk_skipping = on");
            statements.add(prefix + "enable_chunk_skipping(" + relation + ", " + Identifiers.literal(column) + ")");
        }
        for (String tablespace : hypertable.tablespaces()) {
            // tablespaces belong to a server: one that another server does not have is left out
            statements.add(prefix + "attach_tablespace(spcname, " + relation + ", if_not_attached => true)"
                    + " FROM pg_catalog.pg_tablespace WHERE spcname = " + Identifiers.literal(tablespace));
        }
        return statements;
    }

    private static String create(String relation, Dimension first, Hypertable hypertable) {
        List<String> arguments = new ArrayList<>();
        arguments.add("relation => " + relation);
        arguments.add("time_column_name => " + Identifiers.literal(first.column()));
        arguments.add("chunk_time_interval => " + first.interval() + "::bigint");
        // the table's own indexes come later; else there would be one more than there was
        arguments.add("create_default_indexes => false");
        if (!hypertable.chunkSchema().equals(DEFAULT_CHUNK_SCHEMA)) {
            arguments.add("associated_schema_name => " + Identifiers.literal(hypertable.chunkSchema()));
        }
        if (!hypertable.chunkPrefix().matches(DEFAULT_CHUNK_PREFIX)) {
            arguments.add("associated_table_prefix => " + Identifiers.literal(hypertable.chunkPrefix()));
        }
        if (first.partitioningFunction() != null) {
            arguments.add("time_partitioning_func => " + function(first, first.partitioningFunction()));
        }
        return "create_hypertable(" + String.join(", ", arguments) + ")";
    }

    private static String add(String relation, Dimension dimension) {
        List<String> arguments = new ArrayList<>();
        arguments.add(relation);
        arguments.add(Identifiers.literal(dimension.column()));
        arguments.add(
                dimension.kind() == Kind.HASH
                        ? "number_partitions => " + dimension.partitions()
                        : "chunk_time_interval => " + dimension.interval() + "::bigint");
        if (dimension.partitioningFunction() != null) {
            arguments.add("partitioning_func => " + function(dimension, dimension.partitioningFunction()));
        }
        return "add_dimension(" + String.join(", ", arguments) + ")";
    }

    /** There may be others of its name: it is the one that takes a value of the column, or of any type. */
    private static String function(Dimension dimension, QualifiedName function) {
        String taken = "pg_catalog.to_regtype(" + Identifiers.literal(dimension.columnType()) + ")";
        return "(SELECT p.oid::pg_catalog.regproc FROM pg_catalog.pg_proc p"
                + " JOIN pg_catalog.pg_namespace n ON n.oid OPERATOR(pg_catalog.=) p.pronamespace"
                + " WHERE n.nspname OPERATOR(pg_catalog.=) " + Identifiers.literal(function.schema())
                + " AND p.proname OPERATOR(pg_catalog.=) " + Identifiers.literal(function.name())
                + " AND p.pronargs OPERATOR(pg_catalog.=) 1 ORDER BY p.proargtypes[0] OPERATOR(pg_catalog.=) " + taken
                + " DESC NULLS LAST, p.proargtypes[0] OPERATOR(pg_catalog.=) 'anyelement'::pg_catalog.regtype DESC LIMIT 1)";
    }

    private static String name(QualifiedName function) {
        return Identifiers.quote(function.schema()) + "." + Identifiers.quote(function.name());
    }
}
