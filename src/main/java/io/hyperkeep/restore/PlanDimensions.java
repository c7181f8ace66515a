package io.hyperkeep.restore;

import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Dimension.Kind;
import io.hyperkeep.manifest.Hypertable;
import io.hyperkeep.manifest.NamedDefinition;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.Alterations.Assignment;
import io.hyperkeep.schema.KeyColumns;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Decides which dimensions the target's hypertables have. A pure function. */
final class PlanDimensions {
    private static final int MOST_PARTITIONS = 32_767;

    private final Alterations alterations;
    private final List<TableEntry> tables;

    private PlanDimensions(Alterations alterations, List<TableEntry> tables) {
        this.alterations = alterations;
        this.tables = tables;
    }

    /**
     * @param tables the tables to restore, as the backup has them
     * @return the same in the same order, with the dimensions that were asked for
     * @throws BackupException USAGE, naming the option that means no hypertable or asks for what can not be
     */
    static List<TableEntry> run(List<TableEntry> tables, Alterations alterations) {
        PlanDimensions plan = new PlanDimensions(alterations, tables);
        alterations.chunkIntervals().forEach(given -> plan.requireHypertable("--chunk-interval", given));
        alterations.partitions().forEach(given -> plan.requireHypertable("--partition", given));
        alterations.timeColumns().forEach(given -> plan.requireHypertable("--time-column", given));
        return tables.stream().map(plan::altered).toList();
    }

    private void requireHypertable(String option, Assignment given) {
        List<TableEntry> meant =
                tables.stream().filter(table -> isMeant(given, table.name())).toList();
        if (meant.isEmpty()) {
            throw refused(
                    option + " " + given,
                    "no selected table matches " + given.tables(),
                    "`hyperkeep show` lists the backup's tables");
        }
        if (meant.stream().noneMatch(table -> table.hypertable() != null)) {
            throw refused(
                    option + " " + given,
                    meant.get(0).name() + " is no hypertable",
                    "it has neither dimensions nor chunks; leave the option out for it");
        }
    }

    private static boolean isMeant(Assignment given, TableName table) {
        return new TableSelection(List.of(given.tables()), List.of()).selects(table);
    }

    private TableEntry altered(TableEntry table) {
        Hypertable hypertable = table.hypertable();
        if (hypertable == null) {
            return table;
        }
        List<Dimension> dimensions = new ArrayList<>(hypertable.dimensions());
        Assignment column = own(meant(alterations.timeColumns(), table), table);
        Assignment interval = meant(alterations.chunkIntervals(), table);
        int first = first(dimensions);
        if (column != null) {
            dimensions.set(first, onColumn(table, dimensions, first, column, interval != null));
        }
        if (interval != null) {
            dimensions.set(first, withInterval(table, dimensions.get(first), interval));
        }
        for (Assignment partition : alterations.partitions()) {
            if (isMeant(partition, table.name()) && own(partition, table) != null) {
                partition(table, dimensions, partition);
            }
        }
        if (dimensions.equals(hypertable.dimensions())) {
            return table;
        }
        return table.with(hypertable.withDimensions(dimensions));
    }

    /** What is said of a table: by its own name first, else by the last pattern. */
    private static @Nullable Assignment meant(List<Assignment> given, TableEntry table) {
        return given.stream()
                .filter(assignment -> isMeant(assignment, table.name()))
                .reduce((one, other) -> one.isForMany() || !other.isForMany() ? other : one)
                .orElse(null);
    }

    static int first(List<Dimension> dimensions) {
        for (int i = 0; i < dimensions.size(); i++) {
            if (dimensions.get(i).kind() == Kind.RANGE) {
                return i;
            }
        }
        throw new IllegalArgumentException("a hypertable has a range dimension");
    }

    private static Dimension onColumn(
            TableEntry table, List<Dimension> dimensions, int first, Assignment given, boolean intervalGiven) {
        String option = "--time-column " + given;
        requireOwnDimensions(option, table);
        Column column = column(option, table, given.value());
        Dimension old = dimensions.get(first);
        DimensionType type = DimensionType.of(column.type());
        if (type == null) {
            throw refused(
                    option,
                    "column " + column.name() + " is of type " + column.type(),
                    "the first dimension takes times, dates and whole numbers");
        }
        if (!column.notNull()) {
            throw refused(
                    option,
                    "column " + column.name() + " may be NULL",
                    "a row without a value would be in no chunk; set it NOT NULL in the source before the backup");
        }
        requireOnly(option, dimensions, first, column.name());
        requireInKeys(option, table, column.name());
        if (column.name().equals(old.column())) {
            return old;
        }
        DimensionType former = old.partitioningFunction() == null ? DimensionType.of(old.columnType()) : null;
        if (!intervalGiven && (former == null || former.isTime() != type.isTime())) {
            throw refused(
                    option,
                    "chunks of " + old.column() + ", of type " + old.columnType() + ", are no measure for those of "
                            + column.name() + ", of type " + column.type(),
                    "say how wide they are with --chunk-interval " + given.tables() + "=…");
        }
        boolean sameType = old.columnType().equals(column.type());
        return new Dimension(
                column.name(),
                column.type(),
                Kind.RANGE,
                old.interval(),
                null,
                null,
                sameType ? old.integerNow() : null);
    }

    private static Dimension withInterval(TableEntry table, Dimension old, Assignment given) {
        String option = "--chunk-interval " + given;
        // a partitioning function of its own makes times of whatever it is given
        DimensionType type =
                old.partitioningFunction() == null ? DimensionType.of(old.columnType()) : DimensionType.TIMESTAMP;
        long interval;
        try {
            interval = Objects.requireNonNull(type).interval(given.value());
        } catch (IllegalArgumentException e) {
            if (given.isForMany() && type != null && !type.takes(given.value())) {
                return old; // said of all of them, it is meant for those that it fits
            }
            throw refused(
                    option,
                    e.getMessage() + ": the first dimension of " + table.name() + " is column " + old.column()
                            + ", of type " + old.columnType(),
                    type == null || type.isTime()
                            ? "give a length of time such as 12h, 7d or '1 week'"
                            : "give a whole number, in the column's own unit");
        }
        return new Dimension(
                old.column(),
                old.columnType(),
                old.kind(),
                interval,
                old.partitions(),
                old.partitioningFunction(),
                old.integerNow());
    }

    /** Who writes a star does not mean continuous aggregates, which have no dimensions of their own. */
    private static @Nullable Assignment own(@Nullable Assignment given, TableEntry table) {
        return given != null && given.isForMany() && table.kind() == TableEntry.Kind.CONTINUOUS_AGGREGATE
                ? null
                : given;
    }

    private static void requireOwnDimensions(String option, TableEntry table) {
        if (table.kind() == TableEntry.Kind.CONTINUOUS_AGGREGATE) {
            throw refused(
                    option,
                    table.name() + " is a continuous aggregate, which is divided by its buckets alone",
                    "leave the option out for it, or give it --chunk-interval");
        }
    }

    private static void partition(TableEntry table, List<Dimension> dimensions, Assignment given) {
        String option = "--partition " + given;
        requireOwnDimensions(option, table);
        int colon = given.value().lastIndexOf(':');
        String count = given.value().substring(colon + 1);
        if (colon < 1 || !count.matches("[0-9]{1,5}") || Integer.parseInt(count) > MOST_PARTITIONS) {
            throw refused(
                    option,
                    "'" + given.value() + "' is not COLUMN:N",
                    "N is a number of partitions from 1 to " + MOST_PARTITIONS + ", or 0 for none by this column");
        }
        Column column = column(option, table, given.value().substring(0, colon));
        int at = -1;
        for (int i = 0; i < dimensions.size(); i++) {
            if (dimensions.get(i).column().equals(column.name())
                    && dimensions.get(i).kind() == Kind.HASH) {
                at = i;
            }
        }
        int partitions = Integer.parseInt(count);
        if (partitions == 0) {
            if (at < 0) {
                throw refused(
                        option,
                        table.name() + " is not partitioned by column " + column.name(),
                        "there is nothing to remove; leave the option out");
            }
            dimensions.remove(at);
            return;
        }
        requireOnly(option, dimensions, at, column.name());
        requireInKeys(option, table, column.name());
        Dimension hash = new Dimension(
                column.name(),
                column.type(),
                Kind.HASH,
                null,
                partitions,
                at < 0 ? null : dimensions.get(at).partitioningFunction(),
                null);
        if (at < 0) {
            dimensions.add(hash);
        } else {
            dimensions.set(at, hash);
        }
    }

    private static Column column(String option, TableEntry table, String written) {
        List<String> parts = ReadAlterations.parts(written.strip());
        String name = parts.size() == 1 ? parts.get(0) : written;
        Column column = table.columns().stream()
                .filter(candidate -> candidate.name().equals(name))
                .findFirst()
                .orElseThrow(() -> refused(
                        option,
                        "table " + table.name() + " has no column " + name,
                        "it has " + table.columns().stream().map(Column::name).collect(Collectors.joining(", "))));
        if (!column.exported()) {
            throw refused(
                    option,
                    "column " + name + " is generated",
                    "its value is not known yet when TimescaleDB looks for a row's chunk; take another column");
        }
        return column;
    }

    private static void requireOnly(String option, List<Dimension> dimensions, int except, String column) {
        for (int i = 0; i < dimensions.size(); i++) {
            if (i != except && dimensions.get(i).column().equals(column)) {
                throw refused(option, "column " + column + " is another dimension already", "take another column");
            }
        }
    }

    private static void requireInKeys(String option, TableEntry table, String column) {
        Stream<NamedDefinition> unique = Stream.concat(
                table.constraints().stream().filter(key -> Stream.of("PRIMARY KEY", "UNIQUE", "EXCLUDE")
                        .anyMatch(key.definition()::startsWith)),
                table.indexes().stream().filter(index -> index.definition().startsWith("CREATE UNIQUE INDEX ")));
        unique.filter(key -> !KeyColumns.of(key.definition()).contains(column))
                .findFirst()
                .ifPresent(key -> {
                    throw refused(
                            option,
                            "column " + column + " is not in " + key.name() + " (" + key.definition() + ")",
                            "TimescaleDB wants the columns of all dimensions in every unique key");
                });
    }

    private static BackupException refused(String option, String why, String hint) {
        return new BackupException(Problem.USAGE, option + ": " + why, hint);
    }
}
