package io.hyperkeep.restore;

import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.Dimension;
import io.hyperkeep.manifest.Relation;
import io.hyperkeep.manifest.Slice;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.UnitEntry;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Decides which files hold rows between {@code --from} and {@code --until}, and which of them others too. Pure
 * functions.
 *
 * <p>The bounds are of the first dimension that a hypertable has in the backup. A file whose chunks are all within is
 * taken as a whole, one whose chunks are all outside is not read.
 */
final class PlanCut {
    private final Alterations alterations;

    private PlanCut(Alterations alterations) {
        this.alterations = alterations;
    }

    /**
     * @param tables the tables to restore, as the backup has them
     * @return what is kept of each hypertable; plain tables are kept whole, and are not here
     * @throws BackupException USAGE when a bound is none for one of the hypertables, or none of them is one
     */
    static Map<TableName, Cut> run(List<TableEntry> tables, Alterations alterations) {
        Map<TableName, Cut> cuts = new HashMap<>();
        if (!alterations.isCut()) {
            return cuts;
        }
        PlanCut plan = new PlanCut(alterations);
        for (TableEntry table : tables) {
            if (table.hypertable() != null) {
                cuts.put(table.name(), plan.cut(table));
            }
        }
        if (cuts.isEmpty()) {
            throw new BackupException(
                    Problem.USAGE,
                    plan.option() + ": no hypertable is selected",
                    "only hypertables have a time by which they can be cut");
        }
        return cuts;
    }

    private String option() {
        return alterations.from() != null ? "--from " + alterations.from() : "--until " + alterations.until();
    }

    private Cut cut(TableEntry table) {
        Dimension first = dimension(table);
        DimensionType type =
                first.partitioningFunction() != null || first.columnType().equals("uuid")
                        ? null
                        : DimensionType.of(first.columnType());
        if (type == null) {
            throw new BackupException(
                    Problem.USAGE,
                    option() + ": the first dimension of " + table.name() + " is column " + first.column()
                            + ", of type " + first.columnType() + ", which is neither a time nor a number",
                    "leave the table out with --exclude, or restore it in another run, as a whole");
        }
        long from =
                alterations.from() == null ? Long.MIN_VALUE : bound(table, first, type, "--from", alterations.from());
        long until = alterations.until() == null
                ? Long.MAX_VALUE
                : bound(table, first, type, "--until", alterations.until());
        if (from >= until) {
            throw new BackupException(
                    Problem.USAGE,
                    "--from " + alterations.from() + " is not before --until " + alterations.until(),
                    "rows are restored from the one on, and before the other");
        }
        List<String> exported =
                table.exportedColumns().stream().map(Column::name).toList();
        return new Cut(exported.indexOf(first.column()), type, from, until);
    }

    private static Dimension dimension(TableEntry table) {
        List<Dimension> dimensions = Objects.requireNonNull(table.hypertable()).dimensions();
        return dimensions.get(PlanDimensions.first(dimensions));
    }

    private static long bound(TableEntry table, Dimension first, DimensionType type, String option, String text) {
        try {
            return type.point(text);
        } catch (IllegalArgumentException e) {
            throw new BackupException(
                    Problem.USAGE,
                    option + " " + text + ": " + e.getMessage() + ", and the first dimension of " + table.name()
                            + " is column " + first.column() + ", of type " + first.columnType(),
                    type.isTime()
                            ? "give a time such as 2026-11-21, 2026-11-21T06:30 or 2026-11-21T06:30+01:00, in UTC unless"
                                    + " it says otherwise; select tables of one sort with --include"
                            : "give a whole number; select tables of one sort with --include");
        }
    }

    /** A file as it is imported; empty when none of its rows is. */
    static Optional<PlannedUnit> unit(TableEntry table, TableName target, UnitEntry unit, @Nullable Cut cut) {
        PlannedUnit whole = PlannedUnit.whole(target, table.exportedColumns(), unit);
        if (cut == null) {
            return Optional.of(whole);
        }
        String column = dimension(table).column();
        boolean all = true;
        boolean none = true;
        for (Relation relation : unit.relations()) {
            Optional<Slice> slice = Objects.requireNonNull(table.hypertable()).chunks().stream()
                    .filter(chunk -> chunk.chunk().equals(relation.name()))
                    .flatMap(chunk -> chunk.slices().stream())
                    .filter(candidate -> candidate.column().equals(column))
                    .findFirst();
            all &= slice.isPresent()
                    && cut.hasAll(slice.get().start(), slice.get().end());
            none &= slice.isPresent()
                    && cut.hasNone(slice.get().start(), slice.get().end());
        }
        if (none) {
            return Optional.empty();
        }
        return Optional.of(all ? whole : new PlannedUnit(target, table.exportedColumns(), unit, cut, null));
    }
}
