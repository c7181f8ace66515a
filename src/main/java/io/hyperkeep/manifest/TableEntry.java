package io.hyperkeep.manifest;

import com.fasterxml.jackson.annotation.JsonIgnore;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A table in the backup: its structure as data, and its units.
 *
 * @param name the table
 * @param kind what sort of relation it is
 * @param owner the owning role
 * @param columns in attribute order, without dropped ones
 * @param constraints check, primary key, unique, exclusion and foreign key constraints, by name
 * @param indexes those that no constraint owns, by name
 * @param triggers user triggers, by name
 * @param hypertable its dimensions and chunks, or null for a table that has none
 * @param units its data files; empty for an empty table
 * @param rows the sum over its units
 * @param digest the sum over its units
 */
public record TableEntry(
        TableName name,
        Kind kind,
        String owner,
        List<Column> columns,
        List<NamedDefinition> constraints,
        List<NamedDefinition> indexes,
        List<NamedDefinition> triggers,
        @Nullable Hypertable hypertable,
        List<UnitEntry> units,
        long rows,
        RowDigest digest) {
    public TableEntry {
        columns = List.copyOf(columns);
        constraints = List.copyOf(constraints);
        indexes = List.copyOf(indexes);
        triggers = List.copyOf(triggers);
        units = List.copyOf(units);
    }

    /** The same table, divided otherwise. */
    public TableEntry with(Hypertable other) {
        return new TableEntry(name, kind, owner, columns, constraints, indexes, triggers, other, units, rows, digest);
    }

    /** The same table of another owner. */
    public TableEntry ownedBy(String other) {
        return new TableEntry(
                name, kind, other, columns, constraints, indexes, triggers, hypertable, units, rows, digest);
    }

    /** The same table with other rows. */
    public TableEntry with(List<UnitEntry> otherUnits, long otherRows, RowDigest otherDigest) {
        return new TableEntry(
                name,
                kind,
                owner,
                columns,
                constraints,
                indexes,
                triggers,
                hypertable,
                otherUnits,
                otherRows,
                otherDigest);
    }

    /** What sort of relation holds, or does not hold, the rows. */
    public enum Kind {
        HYPERTABLE,
        PLAIN,
        /** A natively partitioned table: its rows are in its partitions, each a table of its own. */
        PARTITIONED,
        /** A continuous aggregate: its rows are those of its materialization hypertable, and go by the view's name. */
        CONTINUOUS_AGGREGATE
    }

    /** The columns that the data files carry, in their order. */
    @JsonIgnore
    public List<Column> exportedColumns() {
        return columns.stream().filter(Column::exported).toList();
    }
}
