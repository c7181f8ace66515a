package io.hyperkeep.restore;

import io.hyperkeep.manifest.ChunkProperty;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.ContinuousAggregate;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Dimension.QualifiedName;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.NamedDefinition;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.schema.NewNames;
import io.hyperkeep.schema.RenameSql;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * What the backup's objects are called in the target. Everything that writes to the target or compares with it asks
 * here, or takes {@link RestorePlan#targets()}. Immutable.
 *
 * <p>No new name is the old name of another renamed object, so that asking twice does no harm.
 */
public final class TargetNames {
    /** Every name stays as it is. */
    public static final TargetNames SAME = new TargetNames(NewNames.NONE);

    /** As TimescaleDB's own: with a number that the target gives. */
    private static final String DEFAULT_PREFIX = "_hyper_0";

    private static final String SCHEMA = "SCHEMA ";

    /** Facets that are no SQL. */
    private static final Set<String> PROSE = Set.of("comment", "grants", "owner", "labels", "state");

    private final NewNames names;
    private final RenameSql sql;

    TargetNames(NewNames names) {
        this.names = names;
        this.sql = new RenameSql(names);
    }

    /** Whether every name stays as it is. */
    public boolean areSame() {
        return names.isEmpty();
    }

    /**
     * What a relation is called in the target.
     *
     * @param source a table, view, sequence or index, by its name in the backup
     */
    public TableName of(TableName source) {
        return names.objects().getOrDefault(source, source);
    }

    /**
     * What a function or procedure is called in the target.
     *
     * @param source its name in the backup, without arguments
     */
    public TableName ofRoutine(TableName source) {
        return names.routines().getOrDefault(source, source);
    }

    /** What a schema of the backup is called in the target. */
    public String ofSchema(String source) {
        return names.schemas().getOrDefault(source, source);
    }

    /**
     * SQL about a table with the target's names, as PostgreSQL would print it there.
     *
     * @param table the table, by its name in the backup
     * @param definition what PostgreSQL printed with an empty search path
     */
    public String inSql(TableName table, String definition) {
        return sql.definition(table, definition);
    }

    /** Writes entries of the schema files with the target's names. */
    RenameSql sql() {
        return sql;
    }

    /** Old names of what gets another one. */
    List<TableName> renamed() {
        return names.objects().keySet().stream().sorted().toList();
    }

    /** Schemas that renamed objects go to. */
    Set<String> newSchemas() {
        Set<String> schemas = new TreeSet<>(names.schemas().values());
        names.objects().forEach((from, to) -> {
            if (!from.schema().equals(to.schema())) {
                schemas.add(to.schema());
            }
        });
        return schemas;
    }

    /** A table as the target is to have it. */
    TableEntry of(TableEntry table) {
        if (areSame()) {
            return table;
        }
        return new TableEntry(
                of(table.name()),
                table.kind(),
                table.owner(),
                table.columns().stream()
                        .map(column -> column(table.name(), column))
                        .toList(),
                constraints(table),
                definitions(table.name(), table.indexes(), true),
                definitions(table.name(), table.triggers(), false),
                table.hypertable() == null ? null : hypertable(table.name(), table.hypertable()),
                table.units(),
                table.rows(),
                table.digest());
    }

    private List<NamedDefinition> constraints(TableEntry table) {
        Set<String> ownIndex = names.indexConstraints().getOrDefault(table.name(), Set.of());
        return table.constraints().stream()
                .map(constraint -> definition(table.name(), constraint, ownIndex.contains(constraint.name())))
                .toList();
    }

    private List<NamedDefinition> definitions(TableName table, List<NamedDefinition> definitions, boolean relations) {
        return definitions.stream()
                .map(definition -> definition(table, definition, relations))
                .toList();
    }

    /** What an index or a constraint with one is called in the target; other parts of tables keep their names. */
    String ofPart(TableName table, String part) {
        return of(new TableName(table.schema(), part)).name();
    }

    private NamedDefinition definition(TableName table, NamedDefinition definition, boolean relation) {
        return new NamedDefinition(
                relation ? ofPart(table, definition.name()) : definition.name(), inSql(table, definition.definition()));
    }

    private Column column(TableName table, Column column) {
        return new Column(
                column.name(),
                inSql(table, column.type()),
                column.notNull(),
                inSqlOrNull(table, column.defaultExpression()),
                column.identity(),
                column.generated(),
                inSqlOrNull(table, column.collation()));
    }

    private @Nullable String inSqlOrNull(TableName table, @Nullable String definition) {
        return definition == null ? null : inSql(table, definition);
    }

    private Hypertable hypertable(TableName table, Hypertable hypertable) {
        return new Hypertable(
                hypertable.dimensions().stream().map(this::dimension).toList(),
                ofSchema(hypertable.chunkSchema()),
                // no two hypertables of a database may have the same one
                of(table).equals(table) ? hypertable.chunkPrefix() : DEFAULT_PREFIX,
                hypertable.chunks(),
                hypertable.columnstore(),
                hypertable.tablespaces(),
                hypertable.chunkSkipping(),
                hypertable.directCompress(),
                hypertable.chunkProperties() == null
                        ? null
                        : hypertable.chunkProperties().stream()
                                .map(property -> chunkProperty(table, property))
                                .toList());
    }

    /** Indexes and constraints are known by SQL, which may name what is renamed; names of their own stay. */
    private ChunkProperty chunkProperty(TableName table, ChunkProperty property) {
        return switch (property.kind()) {
            case "index to cluster on", "trigger", "policy", "default" ->
                new ChunkProperty(
                        property.kind(), property.name(), inSqlOrNull(table, property.value()), property.chunks());
            case "index",
                    "index comment",
                    "index parameters",
                    "index tablespace",
                    "index statistics targets",
                    "constraint",
                    "constraint comment" ->
                new ChunkProperty(property.kind(), inSql(table, property.name()), property.value(), property.chunks());
            default -> property;
        };
    }

    private Dimension dimension(Dimension dimension) {
        return new Dimension(
                dimension.column(),
                dimension.columnType(),
                dimension.kind(),
                dimension.interval(),
                dimension.partitions(),
                function(dimension.partitioningFunction()),
                function(dimension.integerNow()));
    }

    private @Nullable QualifiedName function(@Nullable QualifiedName source) {
        if (source == null) {
            return null;
        }
        TableName target = ofRoutine(new TableName(source.schema(), source.name()));
        return new QualifiedName(target.schema(), target.name());
    }

    /** A policy or job as the target is to have it; a user's own configuration is the user's, and stays as it is. */
    JobEntry of(JobEntry job) {
        Map<String, TableName> relations = new HashMap<>();
        job.relations().forEach((key, relation) -> relations.put(key, of(relation)));
        return new JobEntry(
                job.id(),
                procedure(job.procedure()),
                job.check() == null ? null : procedure(job.check()),
                job.on() == null ? null : of(job.on()),
                job.name(),
                job.owner(),
                job.scheduled(),
                job.schedule(),
                job.limits(),
                job.config(),
                relations);
    }

    private JobEntry.Procedure procedure(JobEntry.Procedure source) {
        TableName target = ofRoutine(new TableName(source.schema(), source.name()));
        return new JobEntry.Procedure(target.schema(), target.name(), source.extension());
    }

    /** A continuous aggregate as the target is to have it. */
    ContinuousAggregate of(ContinuousAggregate aggregate) {
        return new ContinuousAggregate(
                of(aggregate.name()),
                sql.query(aggregate.definition()),
                aggregate.materializedOnly(),
                aggregate.needs().stream().map(this::of).toList(),
                aggregate.bucketWidth(),
                aggregate.fixedWidth(),
                aggregate.watermark(),
                aggregate.pending());
    }

    /** A sequence as the target is to have it. */
    SequenceState of(SequenceState sequence) {
        return new SequenceState(
                of(sequence.sequence()),
                sequence.ownedBy() == null ? null : of(sequence.ownedBy()),
                sequence.definition(),
                sequence.lastValue(),
                sequence.called());
    }

    /** An object of the schema as the target is to have it. */
    SchemaObject of(SchemaObject object) {
        if (areSame()) {
            return object;
        }
        TableName table = object.table();
        String schema = table != null ? table.schema() : object.schema();
        TableName context = table != null ? table : new TableName(schema == null ? "" : schema, object.name());
        TableName renamed = schema == null ? context : nameOf(object, schema);
        Map<String, String> facets = new HashMap<>(object.facets());
        facets.replaceAll((facet, text) -> inFacet(context, facet, text));
        return new SchemaObject(
                object.kind(),
                object.schema() == null ? null : renamed.schema(),
                object.kind().equals("schema") ? ofSchema(object.name()) : renamed.name(),
                table == null ? null : of(table),
                facets);
    }

    private String inFacet(TableName context, String facet, String text) {
        if (facet.equals("schemas")) {
            // names of schemas alone, which are read as such after the key word only
            return Arrays.stream(text.split(", "))
                    .map(schema -> inSql(context, SCHEMA + schema).substring(SCHEMA.length()))
                    .collect(Collectors.joining(", "));
        }
        return PROSE.contains(facet) ? text : inSql(context, text);
    }

    private TableName nameOf(SchemaObject object, String schema) {
        String name = object.name();
        return switch (object.kind()) {
            case "index", "sequence", "view", "materialized view", "foreign table", "constraint" ->
                of(new TableName(schema, name));
            case "function", "procedure", "aggregate" -> {
                int arguments = SchemaObject.argumentsIn(name);
                TableName routine = ofRoutine(new TableName(schema, name.substring(0, arguments)));
                yield new TableName(routine.schema(), routine.name() + inSql(routine, name.substring(arguments)));
            }
            case "cast", "operator" -> new TableName(ofSchema(schema), inSql(new TableName(schema, name), name));
            case "statistics" -> new TableName(schema, inSql(new TableName(schema, name), name));
            default -> new TableName(ofSchema(schema), name);
        };
    }
}
