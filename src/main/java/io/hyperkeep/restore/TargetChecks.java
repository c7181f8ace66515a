package io.hyperkeep.restore;

import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.NamedDefinition;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What has to hold of a target before it is touched; reads only. For one thread. */
final class TargetChecks {
    private static final int LISTED = 20;

    /** Where to look for an object of the same name, by what pg_dump calls it. */
    private static final Map<String, String> CATALOGS = Map.of(
            "TABLE", "relation",
            "FOREIGN TABLE", "relation",
            "VIEW", "relation",
            "MATERIALIZED VIEW", "relation",
            "SEQUENCE", "relation",
            "TYPE", "type",
            "DOMAIN", "type",
            "FUNCTION", "routine",
            "PROCEDURE", "routine",
            "AGGREGATE", "routine");

    private final Connection connection;
    private final RestorePlan plan;
    private final Source source;

    TargetChecks(Connection connection, RestorePlan plan) {
        this.connection = connection;
        this.plan = plan;
        this.source = plan.manifest().source();
    }

    /** A backup is never restored over what it was taken from; beside it, only tables that were named. */
    void notTheSource() throws SQLException {
        boolean beside = !plan.selection().include().isEmpty()
                && plan.tables().stream()
                        .noneMatch(table -> plan.names().of(table.name()).equals(table.name()));
        if (beside || plan.isDataOnly()) {
            return;
        }
        boolean same = Query.one(
                connection, """
                SELECT (SELECT system_identifier FROM pg_control_system()) = ?::numeric::bigint
                   AND (SELECT oid FROM pg_catalog.pg_database WHERE datname = current_database()) = ?::bigint::oid
                """, row -> row.getBoolean(1), signed(source.systemIdentifier()), source.databaseOid());
        if (same) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "database " + database() + " is the one that the backup was taken from",
                    "restore into a new database, e.g. with --create-database, compare, and rename it then; or restore"
                            + " some tables beside the present ones, with --include and --rename");
        }
    }

    private static String signed(String unsigned) {
        return Long.toString(Long.parseUnsignedLong(unsigned));
    }

    /** Not a standby, not read-only, not in TimescaleDB's own restore mode. */
    void writable() throws SQLException {
        if (Query.one(connection, "SELECT pg_is_in_recovery()", row -> row.getBoolean(1))) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "the target's server is a standby: it can not be written to",
                    "give its primary");
        }
        boolean readOnly = Query.one(
                connection, "SELECT current_setting('transaction_read_only')::boolean", row -> row.getBoolean(1));
        if (readOnly) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "sessions in database " + database() + " are read-only",
                    "see default_transaction_read_only of the role, the database and the server");
        }
        boolean restoring = Query.one(
                connection,
                "SELECT coalesce(current_setting('timescaledb.restoring', true), 'off') IN ('on', 'true', '1', 'yes')",
                row -> row.getBoolean(1));
        if (restoring) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "timescaledb.restoring is on in database " + database()
                            + ": another restore of it did not end, and rows would go astray",
                    "end that restore with SELECT timescaledb_post_restore(), as superuser, or give another database");
        }
    }

    /** No selected table, and nothing else that would have to be created, is there already. */
    void nothingInTheWay() throws SQLException {
        Set<String> there = new TreeSet<>();
        for (SchemaEntry entry : plan.entries()) {
            if (!isNeededOnly(entry) && exists(entry)) {
                there.add(label(entry));
            }
        }
        for (TableEntry table : plan.targets()) {
            if (exists("relation", table.name())) {
                there.add("table " + table.name());
            }
            if (!plan.names().areSame()) {
                for (NamedDefinition index : table.indexes()) {
                    if (exists("relation", new TableName(table.name().schema(), index.name()))) {
                        there.add("index " + table.name().schema() + "." + index.name());
                    }
                }
            }
        }
        if (!there.isEmpty()) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "database " + database() + " already has " + listed(there),
                    "restore into a new database, e.g. with --create-database, leave tables out with --exclude, or"
                            + " restore them beside with --rename; nothing that exists is ever overwritten");
        }
    }

    /**
     * What selected tables need and the target has already: types, functions, sequences that are no table's own. They are
     * used as they are.
     *
     * @param done items of the ledger: what an earlier attempt created
     */
    List<SchemaEntry> usable(Set<String> done) throws SQLException {
        List<SchemaEntry> usable = new ArrayList<>();
        for (SchemaEntry entry :
                Stream.concat(plan.preData().stream(), plan.late().stream()).toList()) {
            boolean schema = plan.isBeside()
                    && entry.type().equals("SCHEMA")
                    && Query.one(
                            connection,
                            "SELECT EXISTS (SELECT FROM pg_catalog.pg_namespace WHERE nspname = ?)",
                            row -> row.getBoolean(1),
                            plan.names().ofSchema(entry.name()));
            if (!done.contains(RestoreEntries.item(entry)) && (schema || isNeededOnly(entry) && exists(entry))) {
                usable.add(entry);
            }
        }
        return usable;
    }

    /** Who names tables gets what they need, and that may be there already. */
    private boolean isNeededOnly(SchemaEntry entry) {
        return !plan.selection().include().isEmpty() && entry.table() == null;
    }

    /** An object as the target calls it, for people. */
    String label(SchemaEntry entry) {
        return entry.type().toLowerCase(java.util.Locale.ROOT) + " " + target(entry);
    }

    private boolean exists(SchemaEntry entry) throws SQLException {
        String catalog = CATALOGS.get(entry.type());
        return catalog != null && entry.schema() != null && exists(catalog, target(entry));
    }

    private TableName target(SchemaEntry entry) {
        TableName name = new TableName(String.valueOf(entry.schema()), entry.name());
        int arguments = SchemaObject.argumentsIn(entry.name());
        if (!"routine".equals(CATALOGS.get(entry.type()))) {
            return plan.names().of(name);
        }
        TableName routine =
                plan.names().ofRoutine(new TableName(name.schema(), entry.name().substring(0, arguments)));
        return new TableName(
                routine.schema(),
                routine.name() + plan.names().inSql(name, entry.name().substring(arguments)));
    }

    /** Every selected table is there, and there is one at least. */
    boolean hasEveryTable() throws SQLException {
        for (TableEntry table : plan.targets()) {
            if (!exists("relation", table.name())) {
                return false;
            }
        }
        return !plan.tables().isEmpty();
    }

    private boolean exists(String catalog, TableName name) throws SQLException {
        String sql =
                switch (catalog) {
                    case "relation" ->
                        "SELECT EXISTS (SELECT FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
                                + " ON n.oid = c.relnamespace WHERE n.nspname = ? AND c.relname = ?)";
                    case "type" ->
                        "SELECT EXISTS (SELECT FROM pg_catalog.pg_type t JOIN pg_catalog.pg_namespace n"
                                + " ON n.oid = t.typnamespace WHERE n.nspname = ? AND t.typname = ?)";
                    default ->
                        "SELECT EXISTS (SELECT FROM pg_catalog.pg_proc p JOIN pg_catalog.pg_namespace n"
                                + " ON n.oid = p.pronamespace WHERE n.nspname = ?"
                                + " AND p.proname || '(' || oidvectortypes(p.proargtypes) || ')' = ?)";
                };
        return Query.one(connection, sql, row -> row.getBoolean(1), name.schema(), name.name());
    }

    /** Every owner is there and can be acted for, and objects may be created. */
    void rolesAndRights() throws SQLException {
        Set<String> jobOwners = plan.jobs().stream().map(JobEntry::owner).collect(Collectors.toSet());
        Set<String> owners = Stream.concat(
                        Stream.concat(
                                jobOwners.stream(),
                                plan.isDataOnly()
                                        ? Stream.of()
                                        : plan.tables().stream().map(TableEntry::owner)),
                        plan.entries().stream()
                                .map(SchemaEntry::owner)
                                .filter(java.util.Objects::nonNull)
                                .filter(owner -> !owner.isEmpty()))
                .collect(Collectors.toCollection(TreeSet::new));
        Set<String> roles =
                Set.copyOf(Query.list(connection, "SELECT rolname FROM pg_catalog.pg_roles", row -> row.getString(1)));
        Set<String> missing = new TreeSet<>(owners);
        missing.removeAll(roles);
        if (!missing.isEmpty()) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "the target's server does not have the role" + (missing.size() == 1 ? " " : "s ") + listed(missing)
                            + ", which own" + (missing.size() == 1 ? "s" : "") + " objects of the backup",
                    "create them: "
                            + missing.stream()
                                    .limit(LISTED)
                                    // TimescaleDB starts a job's process as its owner logs in
                                    .map(role -> "CREATE ROLE " + Identifiers.quote(role)
                                            + (jobOwners.contains(role) ? " LOGIN;" : ";"))
                                    .collect(Collectors.joining(" ")));
        }
        rights(owners);
    }

    private void rights(Set<String> owners) throws SQLException {
        String user = Query.one(connection, "SELECT current_user", row -> row.getString(1));
        Set<String> grants = new LinkedHashSet<>();
        boolean create = Query.one(
                connection, "SELECT has_database_privilege(current_database(), 'CREATE')", row -> row.getBoolean(1));
        if (!create) {
            grants.add("GRANT CREATE ON DATABASE " + Identifiers.quote(database()) + " TO " + Identifiers.quote(user)
                    + ";");
        }
        for (String owner : owners) {
            // from PostgreSQL 16 on a role can be had without the right to act as it
            boolean member = Query.one(
                    connection,
                    "SELECT pg_has_role(current_user, ?, CASE WHEN current_setting('server_version_num')::int >= 160000"
                            + " THEN 'SET' ELSE 'MEMBER' END)",
                    row -> row.getBoolean(1),
                    owner);
            if (!member) {
                grants.add("GRANT " + Identifiers.quote(owner) + " TO " + Identifiers.quote(user) + ";");
            }
        }
        // TimescaleDB asks for the right of the table's owner, whoever attaches, but of the database's own tablespace
        for (TableEntry table : plan.hypertables()) {
            for (String tablespace : table.hypertable().tablespaces()) {
                boolean denied = Query.one(
                        connection,
                        "SELECT EXISTS (SELECT FROM pg_catalog.pg_tablespace t WHERE t.spcname = ?"
                                + " AND NOT has_tablespace_privilege(?, t.oid, 'CREATE')"
                                + " AND t.oid <> (SELECT d.dattablespace FROM pg_catalog.pg_database d"
                                + " WHERE d.datname = current_database()))",
                        row -> row.getBoolean(1),
                        tablespace,
                        table.owner());
                if (denied) {
                    grants.add("GRANT CREATE ON TABLESPACE " + Identifiers.quote(tablespace) + " TO "
                            + Identifiers.quote(table.owner()) + ";");
                }
            }
        }
        if (!grants.isEmpty()) {
            throw new BackupException(
                    Problem.DENIED,
                    "role " + user + " may not restore into database " + database(),
                    String.join(" ", grants));
        }
    }

    /** TimescaleDB where it is needed, and every other extension that the schema creates. */
    void extensions() throws SQLException {
        Set<String> missing = new ExtensionsOfTarget(connection, plan).missing();
        int major = major();
        if (!plan.hypertables().isEmpty() && (missing.contains("timescaledb") || !has("timescaledb"))) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "TimescaleDB is not installed on the target's server, and "
                            + plan.hypertables().get(0).name() + " is a hypertable",
                    "install timescaledb-2-postgresql-" + major + " (Timescale's packages) or postgresql-" + major
                            + "-timescaledb (Debian's), and add timescaledb to shared_preload_libraries");
        }
        if (!missing.isEmpty()) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "the target's server does not have the extension" + (missing.size() == 1 ? " " : "s ")
                            + listed(missing),
                    "install the packages that they come with, for PostgreSQL " + major);
        }
    }

    private boolean has(String extension) throws SQLException {
        return Query.one(
                connection,
                "SELECT EXISTS (SELECT FROM pg_catalog.pg_available_extensions WHERE name = ?)",
                row -> row.getBoolean(1),
                extension);
    }

    /** What may come out differently, and is no reason not to restore. */
    List<Warning> differences() throws SQLException {
        List<Warning> warnings = new ArrayList<>();
        int from = Integer.parseInt(source.serverVersion().replaceAll("\\D.*", ""));
        if (major() < from) {
            warnings.add(new Warning(
                    "older-server",
                    "the target is PostgreSQL " + major() + ", the backup is of version " + from
                            + ": what the older one does not know fails"));
        }
        String encoding = Query.one(connection, "SELECT current_setting('server_encoding')", row -> row.getString(1));
        if (!encoding.equals(source.encoding())) {
            warnings.add(new Warning(
                    "other-encoding",
                    "database " + database() + " is encoded in " + encoding + ", the source is in " + source.encoding()
                            + ": characters that it does not have fail"));
        }
        String tablespace = Query.one(
                connection,
                "SELECT t.spcname FROM pg_catalog.pg_database d JOIN pg_catalog.pg_tablespace t ON t.oid = d.dattablespace"
                        + " WHERE d.datname = current_database()",
                row -> row.getString(1));
        if (!plan.options().noTablespaces()
                && source.tablespace() != null
                && !source.tablespace().equals(tablespace)) {
            warnings.add(new Warning(
                    "other-tablespace",
                    "database " + database() + " is in tablespace " + tablespace + ", the source is in "
                            + source.tablespace()));
        }
        if (plan.isDataOnly()) {
            for (EventTriggers.Enabled trigger : EventTriggers.enabled(connection)) {
                if (!trigger.ours()) {
                    warnings.add(new Warning(
                            "event-trigger",
                            "event trigger " + trigger.name() + " of database " + database()
                                    + " may fire on what the restore creates and drops for itself, as the role may not"
                                    + " disable it meanwhile; what it writes is not in the backup"));
                }
            }
        }
        warnings.addAll(new ExtensionsOfTarget(connection, plan).otherVersions());
        return warnings;
    }

    private int major() throws SQLException {
        return Query.one(connection, "SELECT current_setting('server_version_num')::int / 10000", row -> row.getInt(1));
    }

    String database() throws SQLException {
        return Query.one(connection, "SELECT current_database()", row -> row.getString(1));
    }

    private static String listed(Set<String> names) {
        return names.stream().limit(LISTED).collect(Collectors.joining(", "))
                + (names.size() > LISTED ? " and " + (names.size() - LISTED) + " more" : "");
    }
}
