package io.hyperkeep.check;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.discovery.DiscoverDatabase;
import io.hyperkeep.discovery.DiscoveredChunk;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.plan.LockMode;
import io.hyperkeep.problem.Problem;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Looks at what the role may do, and names the GRANTs that are missing.
 *
 * <p>They are complete: with them the check is content and a backup runs. Definitions are dumped by pg_dump, which locks
 * every table of the users', selected or not; so schemas and tables that are not selected count too.
 */
final class CheckPrivileges implements Check {
    private static final String PRIVILEGES = "privileges";
    private static final String ANYBODY = "-- as their owners, or as a superuser:\n";

    /** Functions that a backup calls and that an administrator may have taken from everybody. */
    private static final List<String> FUNCTIONS = List.of(
            "pg_catalog.pg_control_system()",
            "pg_catalog.pg_control_checkpoint()",
            "pg_catalog.pg_export_snapshot()",
            "pg_catalog.pg_try_advisory_lock(integer, integer)");

    @Override
    public List<Finding> run(Subject subject) throws SQLException {
        List<TableName> sequences = sequences(subject, name -> true);
        List<Finding> findings = new ArrayList<>();
        findings.addAll(schemas(subject, sequences));
        findings.addAll(tables(subject));
        findings.addAll(unreadableSequences(subject));
        findings.addAll(functions(subject));
        findings.addAll(rowSecurity(subject));
        if (findings.isEmpty()) {
            findings.add(Finding.ok(PRIVILEGES, "role " + subject.role() + " may read everything that a backup reads"));
        }
        findings.add(locks(subject));
        return findings;
    }

    private static List<Finding> schemas(Subject subject, List<TableName> sequences) throws SQLException {
        Set<String> missing = new TreeSet<>();
        subject.tables().stream()
                .filter(table -> !table.allowed().schema())
                .forEach(table -> missing.add(table.name().schema()));
        Set<String> others = Stream.concat(
                        sequences.stream().map(TableName::schema),
                        subject.selected().stream()
                                .flatMap(table -> table.chunks().stream())
                                .flatMap(CheckPrivileges::relations)
                                .map(TableName::schema))
                .collect(Collectors.toCollection(TreeSet::new));
        missing.addAll(Query.list(
                subject.connection(),
                "SELECT nspname FROM pg_catalog.pg_namespace WHERE nspname = ANY (?) AND NOT has_schema_privilege(oid, 'USAGE')",
                row -> row.getString(1),
                subject.connection().createArrayOf("text", others.toArray())));
        return missing.isEmpty()
                ? List.of()
                : List.of(denied(
                        "role " + subject.role() + " may not use "
                                + (missing.size() == 1 ? "schema " : Listed.count(missing.size(), "schema") + ": ")
                                + Listed.names(List.copyOf(missing)),
                        ANYBODY + "GRANT USAGE ON SCHEMA "
                                + missing.stream().map(Identifiers::quote).collect(Collectors.joining(", "))
                                + to(subject) + everything(subject)));
    }

    private static List<Finding> tables(Subject subject) throws SQLException {
        Set<TableName> missing = new LinkedHashSet<>();
        long unselected = 0;
        for (CheckedTable table : subject.tables()) {
            if (!table.allowed().select()) {
                missing.add(table.name());
                unselected += table.selected() ? 0 : 1;
            }
        }
        List<Finding> findings = new ArrayList<>();
        if (!missing.isEmpty()) {
            findings.add(denied(
                    "role " + subject.role() + " may not read " + Listed.count(missing.size(), "table") + ": "
                            + Listed.names(List.copyOf(missing))
                            + (unselected == 0
                                    ? ""
                                    : " (" + unselected
                                            + " not selected: the dump of the definitions locks every table)"),
                    ANYBODY + grant("SELECT", "TABLE", missing, subject) + everything(subject)));
        }
        List<TableName> roots = new ArrayList<>();
        for (CheckedTable table : subject.selected()) {
            if (table.allowed().select() && !chunksReadable(subject, table)) {
                roots.add(table.name());
            }
        }
        if (!roots.isEmpty()) {
            findings.add(denied(
                    "role " + subject.role() + " may read " + Listed.names(roots)
                            + ", but not all of the chunks, which are read one by one",
                    "-- a GRANT on a hypertable reaches its chunks; as their owners, or as a superuser:\n"
                            + grant("SELECT", "TABLE", roots, subject) + everything(subject)));
        }
        return findings;
    }

    private static boolean chunksReadable(Subject subject, CheckedTable table) throws SQLException {
        Long[] oids = table.chunks().stream()
                .flatMap(chunk -> Stream.of(chunk.oid(), chunk.companionOid()))
                .filter(Objects::nonNull)
                .toArray(Long[]::new);
        return Query.one(
                subject.connection(),
                "SELECT coalesce(bool_and(has_table_privilege(oid, 'SELECT')), true) FROM unnest(?::oid[]) AS oid",
                row -> row.getBoolean(1),
                (Object) oids);
    }

    private static Stream<TableName> relations(DiscoveredChunk chunk) {
        TableName companion = chunk.companion();
        return companion == null ? Stream.of(chunk.name()) : Stream.of(chunk.name(), companion);
    }

    private static List<Finding> unreadableSequences(Subject subject) throws SQLException {
        Set<TableName> unreadable = new HashSet<>(
                Query.list(subject.connection(), """
                SELECT n.nspname, c.relname
                  FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n ON n.oid = c.relnamespace
                 WHERE c.relkind = 'S' AND NOT has_table_privilege(c.oid, 'SELECT')
                """, row -> new TableName(row.getString(1), row.getString(2))));
        List<TableName> missing = sequences(subject, unreadable::contains);
        return missing.isEmpty()
                ? List.of()
                : List.of(denied(
                        "role " + subject.role() + " may not read " + Listed.count(missing.size(), "sequence") + ": "
                                + Listed.names(missing),
                        ANYBODY + grant("SELECT", "SEQUENCE", missing, subject) + everything(subject)));
    }

    private static List<TableName> sequences(Subject subject, Predicate<TableName> wanted) throws SQLException {
        return new DiscoverDatabase()
                .sequenceNames(subject.connection(), subject.request().selection()::selects).stream()
                        .filter(wanted)
                        .toList();
    }

    private static List<Finding> functions(Subject subject) throws SQLException {
        List<String> missing = new ArrayList<>();
        for (String function : FUNCTIONS) {
            if (!Query.one(
                    subject.connection(),
                    "SELECT has_function_privilege(?, 'EXECUTE')",
                    row -> row.getBoolean(1),
                    function)) {
                missing.add(function);
            }
        }
        return missing.isEmpty()
                ? List.of()
                : List.of(denied(
                        "role " + subject.role() + " may not call " + String.join(", ", missing),
                        "-- as a superuser, in this database:\nGRANT EXECUTE ON FUNCTION " + String.join(", ", missing)
                                + to(subject)));
    }

    private static List<Finding> rowSecurity(Subject subject) {
        List<TableName> hidden = subject.selected().stream()
                .filter(table -> !table.allowed().everyRow())
                .map(CheckedTable::name)
                .toList();
        return hidden.isEmpty()
                ? List.of()
                : List.of(Finding.error(
                        "row-security",
                        Problem.DENIED,
                        "row security may hide rows of " + Listed.names(hidden) + " from role " + subject.role()
                                + ", and a backup refuses to read such tables",
                        "-- as a superuser; no other privilege shows every row:\nALTER ROLE "
                                + Identifiers.quote(subject.role()) + " BYPASSRLS;"));
    }

    private static Finding locks(Subject subject) {
        String check = "lock-mode";
        if (subject.request().lock() == LockMode.LIGHT) {
            return Finding.ok(check, "ACCESS SHARE locks, each as long as its unit is read (lock light)");
        }
        List<TableName> missing = subject.selected().stream()
                .filter(table -> !table.allowed().rowShare())
                .map(CheckedTable::name)
                .toList();
        if (missing.isEmpty()) {
            return Finding.ok(check, "ROW SHARE locks can be had on every table");
        }
        if (subject.selected().stream().noneMatch(CheckedTable::hypertable)) {
            return Finding.ok(check, "ACCESS SHARE locks, which are enough without hypertables");
        }
        return Finding.warning(
                check,
                "without MAINTAIN on " + Listed.count(missing.size(), "table") + " (" + Listed.names(missing)
                        + ") only ACCESS SHARE locks are taken, which do not hold off every compression:"
                        + " rows of each compressed chunk are counted twice instead",
                subject.server().serverMajor() >= 17
                        ? ANYBODY + grant("MAINTAIN", "TABLE", missing, subject)
                                + "\n-- or, for every table: GRANT pg_maintain" + to(subject)
                        : "before PostgreSQL 17 ROW SHARE locks need UPDATE, DELETE or TRUNCATE on the tables, which a"
                                + " role for backups should not have: leave it so.");
    }

    private static Finding denied(String what, String hint) {
        return Finding.error(PRIVILEGES, Problem.DENIED, what, hint);
    }

    private static String grant(String privilege, String kind, Collection<TableName> objects, Subject subject) {
        return "GRANT " + privilege + " ON " + kind + " "
                + objects.stream().map(Identifiers::quote).collect(Collectors.joining(", ")) + to(subject);
    }

    private static String to(Subject subject) {
        return " TO " + Identifiers.quote(subject.role()) + ";";
    }

    private static String everything(Subject subject) {
        return "\n-- or, for every schema, table and sequence: GRANT pg_read_all_data" + to(subject);
    }
}
