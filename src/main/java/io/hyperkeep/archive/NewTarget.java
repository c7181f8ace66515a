package io.hyperkeep.archive;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.DatabaseAddress;
import io.hyperkeep.database.DatabaseLock;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.DatabaseDump;
import io.hyperkeep.manifest.Source;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.Ledger;
import io.hyperkeep.restore.PrepareTarget;
import io.hyperkeep.restore.PublicSchema;
import io.hyperkeep.restore.RestorePlan;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.TreeSet;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Makes sure that a whole database can be restored here, into a database that is new, and marks that as unfinished.
 *
 * <p>An archive is restored whole or not at all. What an attempt that failed left is dropped and created anew: the mark
 * says that it is ours. Not thread-safe.
 */
public final class NewTarget {
    private static final String MAINTENANCE = "postgres";
    private static final int LISTED = 5;

    private final Connections target;
    private final String application;
    private final RestorePlan plan;
    private final DatabaseDump dump;
    private final Consumer<String> notices;

    /**
     * @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12}
     * @param notices told what a person may want to know, as it happens
     */
    public NewTarget(Connections target, String application, RestorePlan plan, Consumer<String> notices) {
        this.target = target;
        this.application = application + "/prepare";
        this.plan = plan;
        this.dump = Objects.requireNonNull(plan.manifest().dump(), "a backup of a whole database");
        this.notices = notices;
    }

    /**
     * Refuses a server that can not take the archive, before anything is done.
     *
     * @throws BackupException UNSUITABLE when it lacks TimescaleDB's version or a role; DENIED without a superuser
     */
    public void serverFits() {
        try (Connection connection = maintenance().open(application)) {
            if (plan.manifest().source().timescale() != null) {
                superuser(connection);
            }
            version(connection, plan.manifest().source());
            laterVersion(connection);
            roles(connection);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at the server of " + target.address(), e);
        }
    }

    /** Nobody can drop the database that he is in. */
    private Connections maintenance() {
        return target.withDatabase(maintenance(target.address()));
    }

    /** Another database of the same server, which is there before the target is. */
    public static String maintenance(DatabaseAddress target) {
        return target.database().equals(MAINTENANCE) ? "template1" : MAINTENANCE;
    }

    private void superuser(Connection connection) throws SQLException {
        boolean superuser =
                Query.one(connection, "SELECT current_setting('is_superuser')::boolean", row -> row.getBoolean(1));
        if (!superuser) {
            String user = Query.one(connection, "SELECT current_user", row -> row.getString(1));
            throw new BackupException(
                    Problem.DENIED,
                    "role " + user
                            + " is no superuser, and only a superuser can restore an archive of a whole database with"
                            + " TimescaleDB",
                    "restore as a superuser, or restore a backup of kind tables, which the database's owner can");
        }
    }

    private static void version(Connection connection, Source source) throws SQLException {
        Source.Timescale timescale = source.timescale();
        if (timescale == null) {
            return;
        }
        List<String> offered = offered(connection);
        if (!offered.contains(timescale.version())) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "the target's server does not offer TimescaleDB " + timescale.version()
                            + ", of which the archive is: "
                            + (offered.isEmpty() ? "it has none" : "it has " + String.join(", ", offered)),
                    "install TimescaleDB " + timescale.version()
                            + " there too, as several versions can be side by side, restore, and then run ALTER EXTENSION"
                            + " timescaledb UPDATE; or restore a backup of kind tables, which any version can take");
        }
    }

    private void laterVersion(Connection connection) throws SQLException {
        String wanted = plan.options().archive().updateTo();
        if (wanted == null || wanted.isEmpty()) {
            return;
        }
        List<String> offered = offered(connection);
        if (!offered.contains(wanted)) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "the target's server does not offer TimescaleDB " + wanted
                            + ", which --update-extension asks for: it has " + String.join(", ", offered),
                    "give one of these, or none for the server's default");
        }
    }

    private static List<String> offered(Connection connection) throws SQLException {
        return Query.list(
                connection,
                "SELECT version FROM pg_catalog.pg_available_extension_versions WHERE name = 'timescaledb'"
                        + " ORDER BY string_to_array(regexp_replace(version, '[^0-9.]', '', 'g'), '.')::int[]",
                row -> row.getString(1));
    }

    private void roles(Connection connection) throws SQLException {
        TreeSet<String> missing = new TreeSet<>(dump.roles());
        if (plan.options().archive().noOwner()) {
            dump.owners().forEach(missing::remove);
        }
        missing.removeAll(Query.list(connection, "SELECT rolname FROM pg_catalog.pg_roles", row -> row.getString(1)));
        if (!missing.isEmpty()) {
            throw new BackupException(
                    Problem.UNSUITABLE,
                    "the target's server does not have the role" + (missing.size() == 1 ? " " : "s ")
                            + missing.stream().limit(LISTED).collect(Collectors.joining(", "))
                            + (missing.size() > LISTED ? " and " + (missing.size() - LISTED) + " more" : "")
                            + ", which own" + (missing.size() == 1 ? "s" : "")
                            + " something in the backup or may use it",
                    "create them: "
                            + missing.stream()
                                    .map(role -> "CREATE ROLE " + Identifiers.quote(role) + ";")
                                    .collect(Collectors.joining(" "))
                            + (dump.owners().containsAll(missing)
                                    ? " Or restore with --no-owner: what they own becomes the restoring role's"
                                    : ""));
        }
    }

    /**
     * The database, locked.
     *
     * @param lock that makes this the only run there; closed by the caller
     * @param created whether this call created the database
     */
    public record Locked(DatabaseLock lock, boolean created) {}

    /**
     * Creates the database if it is missing and that was asked for, and locks it; what an earlier attempt of this very
     * restore left is dropped and created anew.
     *
     * @throws BackupException LOCKED; UNSUITABLE when the database is not new
     */
    public Locked lock(boolean createDatabase) {
        PrepareTarget prepare = new PrepareTarget(target, application);
        boolean created = createDatabase && prepare.createDatabase(plan);
        DatabaseLock lock = DatabaseLock.acquire(target, application + "/lock");
        boolean kept = false;
        try {
            prepare.endFormer(lock);
            if (!created && leftByEarlierAttempt()) {
                notices.accept("database " + target.address().database()
                        + " holds a part of this restore, from an attempt that failed: it is dropped and created anew");
                lock.close();
                drop();
                created = prepare.createDatabase(plan);
                lock = DatabaseLock.acquire(target, application + "/lock");
            }
            if (!created) {
                isNew();
            }
            kept = true;
            return new Locked(lock, created);
        } finally {
            if (!kept) {
                lock.close();
            }
        }
    }

    private boolean leftByEarlierAttempt() {
        try (Connection connection = target.open(application)) {
            return Ledger.of(plan).begunBefore(connection);
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at " + target.address(), e);
        }
    }

    /** Takes the database away, with every session in it. */
    public void drop() {
        try (Connection connection = maintenance().open(application)) {
            Query.execute(
                    connection,
                    "DROP DATABASE IF EXISTS "
                            + Identifiers.quote(target.address().database()) + " WITH (FORCE)");
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot drop database " + target.address().database(), e);
        }
    }

    private void isNew() {
        try (Connection connection = target.open(application)) {
            List<String> found = contents(connection);
            if (!found.isEmpty()) {
                throw new BackupException(
                        Problem.UNSUITABLE,
                        "database " + target.address().database() + " is not new, it has "
                                + found.stream().limit(LISTED).collect(Collectors.joining(", "))
                                + (found.size() > LISTED ? " and " + (found.size() - LISTED) + " more" : ""),
                        "an archive of a whole database is restored into a new one: give another name with"
                                + " --create-database, or make an empty one with TEMPLATE template0");
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at " + target.address(), e);
        }
    }

    /** What is in a database that a new one would not have, by kind and name. */
    public static List<String> contents(Connection connection) throws SQLException {
        return Query.list(connection, """
                    SELECT 'extension ' || extname FROM pg_catalog.pg_extension WHERE extname <> 'plpgsql'
                    UNION ALL SELECT 'schema ' || nspname FROM pg_catalog.pg_namespace
                     WHERE nspname NOT LIKE 'pg\\_%' AND nspname NOT IN ('information_schema', 'public')
                    UNION ALL SELECT 'relation public.' || relname FROM pg_catalog.pg_class
                     WHERE relnamespace = to_regnamespace('public')
                    UNION ALL SELECT 'type public.' || typname FROM pg_catalog.pg_type
                     WHERE typnamespace = to_regnamespace('public') AND typrelid = 0 AND typelem = 0
                    UNION ALL SELECT 'function public.' || proname FROM pg_catalog.pg_proc
                     WHERE pronamespace = to_regnamespace('public')
                    """, row -> row.getString(1));
    }

    /**
     * Marks the database as unfinished and creates TimescaleDB in the archive's version, as the first statement of a
     * session of its own.
     *
     * @return what may come out differently than in the source
     * @throws BackupException UNSUITABLE when the database can not take the archive
     */
    public List<Warning> prepare() {
        List<Warning> warnings = new ArrayList<>(new PrepareTarget(target, application).suits(plan));
        Source.Timescale timescale = plan.manifest().source().timescale();
        try {
            try (Connection connection = target.open(application)) {
                Ledger.of(plan).begin(connection);
                PublicSchema.dropUnlessInSource(connection, plan.manifest());
                if (timescale != null && !timescale.schema().equals("public")) {
                    Query.execute(connection, "CREATE SCHEMA " + Identifiers.quote(timescale.schema()));
                }
            }
            if (timescale != null) {
                create(timescale);
            }
            return warnings;
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot prepare " + target.address(), e);
        }
    }

    private void create(Source.Timescale timescale) throws SQLException {
        try (Connection connection = target.open(application)) {
            Query.execute(
                    connection,
                    "CREATE EXTENSION timescaledb WITH SCHEMA " + Identifiers.quote(timescale.schema()) + " VERSION "
                            + Identifiers.literal(timescale.version()));
        }
        try (Connection connection = target.open(application)) {
            @Nullable
            String edition = Query.one(
                    connection, "SELECT current_setting('timescaledb.license', true)", row -> row.getString(1));
            if (timescale.edition().equals("timescale") && !"timescale".equals(edition)) {
                throw new BackupException(
                        Problem.UNSUITABLE,
                        "the archive is of TimescaleDB's Community edition, and the target's server has the " + edition
                                + " edition, which can not read compressed rows",
                        "restore into a server with the Community edition, or restore a backup of kind tables");
            }
        }
    }
}
