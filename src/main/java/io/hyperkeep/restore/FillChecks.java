package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.Column;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * What has to hold of tables that are filled and not created: they are there and empty, have the columns of the backup,
 * and nothing of theirs changes or refuses rows on their way. Reads only. For one thread.
 */
final class FillChecks {
    private final Connection connection;
    private final RestorePlan plan;
    private final String database;

    FillChecks(Connection connection, RestorePlan plan, String database) {
        this.connection = connection;
        this.plan = plan;
        this.database = database;
    }

    /**
     * @param begun whether an attempt of this very restore has imported rows already
     * @throws BackupException UNSUITABLE, naming the table and what is wrong with it; DENIED without the right to insert
     */
    void run(boolean begun) throws SQLException {
        Set<TableName> targets = plan.targets().stream().map(TableEntry::name).collect(Collectors.toSet());
        for (TableEntry table : plan.targets()) {
            requireThere(table);
            columns(table);
            mayInsert(table);
            triggers(table);
            foreignKeys(table, targets);
            if (!begun) {
                requireEmpty(table);
            }
        }
    }

    private void requireThere(TableEntry table) throws SQLException {
        boolean there = Query.one(
                connection,
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
                        + " ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ? AND c.relkind IN ('r', 'p'))",
                row -> row.getBoolean(1),
                table.name().schema(),
                table.name().name());
        if (!there) {
            throw unsuitable(
                    "database " + database + " has no table " + table.name() + ", and --data-only creates none",
                    "restore without --data-only, leave the table out with --exclude, or say with --rename what it is"
                            + " called there");
        }
    }

    private void requireEmpty(TableEntry table) throws SQLException {
        if (Query.one(
                connection,
                "SELECT EXISTS (SELECT FROM " + Identifiers.quote(table.name()) + ")",
                row -> row.getBoolean(1))) {
            throw unsuitable(
                    "table " + table.name() + " of database " + database + " is not empty",
                    "--data-only fills empty tables, so that in the end all their rows can be compared with the backup;"
                            + " restore beside it with --rename, and copy what is missing");
        }
    }

    private void columns(TableEntry table) throws SQLException {
        Map<String, String> there = new LinkedHashMap<>();
        Query.list(
                connection, """
                SELECT attname, format_type(atttypid, atttypmod)
                       || CASE WHEN attgenerated <> '' THEN ', generated' ELSE '' END
                  FROM pg_catalog.pg_attribute
                 WHERE attrelid = ?::regclass AND attnum > 0 AND NOT attisdropped ORDER BY attnum
                """, row -> there.put(row.getString(1), row.getString(2)), Identifiers.quote(table.name()));
        List<String> wrong = new ArrayList<>();
        for (Column column : table.columns()) {
            String expected = column.type() + (column.generated() == null ? "" : ", generated");
            String found = there.remove(column.name());
            if (found == null) {
                wrong.add("it has no column " + column.name());
            } else if (!found.equals(expected)) {
                wrong.add("its column " + column.name() + " is " + found + ", not " + expected);
            }
        }
        there.keySet().forEach(column -> wrong.add("the backup has no column " + column));
        if (!wrong.isEmpty()) {
            throw unsuitable(
                    "table " + table.name() + " of database " + database + " is not as in the backup: "
                            + String.join("; ", wrong),
                    "--data-only needs columns of the same names and types, in whatever order; alter the table, or"
                            + " restore beside it with --rename");
        }
    }

    private void mayInsert(TableEntry table) throws SQLException {
        if (!Query.one(
                connection,
                "SELECT has_table_privilege(?::regclass, 'INSERT') AND has_table_privilege(?::regclass, 'SELECT')",
                row -> row.getBoolean(1),
                Identifiers.quote(table.name()),
                Identifiers.quote(table.name()))) {
            String user = Query.one(connection, "SELECT current_user", row -> row.getString(1));
            throw new BackupException(
                    Problem.DENIED,
                    "role " + user + " may not read and fill table " + table.name() + " of database " + database,
                    "GRANT SELECT, INSERT ON " + Identifiers.quote(table.name()) + " TO " + Identifiers.quote(user)
                            + ";");
        }
    }

    private void triggers(TableEntry table) throws SQLException {
        List<String> firing = Query.list(connection, """
                SELECT t.tgname FROM pg_catalog.pg_trigger t
                 WHERE t.tgrelid = ?::regclass AND NOT t.tgisinternal AND t.tgenabled IN ('O', 'A') AND t.tgtype & 4 > 0
                   AND NOT EXISTS (SELECT FROM pg_catalog.pg_depend d
                                    WHERE d.classid = 'pg_catalog.pg_proc'::regclass AND d.objid = t.tgfoid
                                      AND d.deptype = 'e')
                 ORDER BY 1
                """, row -> row.getString(1), Identifiers.quote(table.name()));
        if (!firing.isEmpty()) {
            throw unsuitable(
                    "table " + table.name() + " of database " + database + " has a trigger that fires on INSERT: "
                            + String.join(", ", firing),
                    "it would fire for each restored row, and may change it; drop or disable it, and create or enable it"
                            + " again after the restore");
        }
    }

    private void foreignKeys(TableEntry table, Set<TableName> targets) throws SQLException {
        record Reference(String constraint, TableName to) {}
        Query.list(
                        connection,
                        """
                        SELECT k.conname, n.nspname, c.relname
                          FROM pg_catalog.pg_constraint k
                          JOIN pg_catalog.pg_class c ON c.oid = k.confrelid
                          JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                         WHERE k.conrelid = ?::regclass AND k.contype = 'f' ORDER BY 1
                        """,
                        row -> new Reference(row.getString(1), new TableName(row.getString(2), row.getString(3))),
                        Identifiers.quote(table.name()))
                .stream()
                .filter(reference -> targets.contains(reference.to()))
                .findFirst()
                .ifPresent(reference -> {
                    throw unsuitable(
                            "table " + table.name() + " of database " + database + " refers to table " + reference.to()
                                    + ", which is to be filled too: " + reference.constraint(),
                            "rows come in no particular order; fill " + reference.to()
                                    + " in a restore of its own first, or drop the foreign key and create it again"
                                    + " afterwards");
                });
    }

    private static BackupException unsuitable(String what, String hint) {
        return new BackupException(Problem.UNSUITABLE, what, hint);
    }
}
