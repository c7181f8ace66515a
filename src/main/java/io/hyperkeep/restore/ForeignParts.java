package io.hyperkeep.restore;

import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.verify.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.List;
import java.util.Set;

/**
 * Tables that have foreign tables as partitions or children, near or far. Rows of these are another server's, and it is not
 * asked for them.
 *
 * @param tables by their names in the target
 */
public record ForeignParts(Set<TableName> tables) {
    public ForeignParts {
        tables = Set.copyOf(tables);
    }

    /** Reads the target's catalog. */
    public static ForeignParts of(Connection connection) throws SQLException {
        return new ForeignParts(
                Set.copyOf(Query.list(connection, """
                WITH RECURSIVE parents(oid) AS (
                    SELECT i.inhparent FROM pg_catalog.pg_inherits i
                      JOIN pg_catalog.pg_class c ON c.oid = i.inhrelid AND c.relkind = 'f'
                    UNION SELECT i.inhparent FROM pg_catalog.pg_inherits i JOIN parents p ON p.oid = i.inhrelid)
                SELECT n.nspname, c.relname FROM parents p JOIN pg_catalog.pg_class c ON c.oid = p.oid
                  JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                """, row -> new TableName(row.getString(1), row.getString(2)))));
    }

    /**
     * Whether a difference is that an index of such a table is marked as invalid. It is in every database that a dump was
     * restored into: PostgreSQL marks it as valid when each partition has its part, which a foreign one never has.
     */
    public boolean isInvalidIndex(Finding finding) {
        return "invalid".equals(finding.now())
                && finding.backup() == null
                && tables.stream().anyMatch(table -> finding.on().startsWith("table " + table + ", index "));
    }

    /** These differences, by name; the others are left out. */
    public List<Warning> warnings(List<Finding> differences) {
        return differences.stream()
                .filter(this::isInvalidIndex)
                .map(finding -> new Warning(
                        "invalid-index",
                        finding.on()
                                + ": is marked as invalid, as a partition is a foreign table, and PostgreSQL restores such"
                                + " an index no other way. Queries use the indexes of the partitions, which are valid"))
                .toList();
    }
}
