package io.hyperkeep.cluster;

import io.hyperkeep.archive.NewTarget;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.Cluster;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.ClusterChoice;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.Collection;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/** Makes sure that a server can take a cluster's backup, before anything of it is changed. Not thread-safe. */
public final class ClusterTarget {
    /** Every server has it from the beginning: it is restored into when nobody has used it. */
    private static final String STANDARD = "postgres";

    private final Connections target;
    private final String application;

    /**
     * @param target any database of the server
     * @param application what {@code pg_stat_activity} shows
     */
    public ClusterTarget(Connections target, String application) {
        this.target = target;
        this.application = application;
    }

    /**
     * Refuses a server that can not.
     *
     * @param databases names of those to restore that no earlier attempt began
     * @throws BackupException DENIED without a superuser; UNSUITABLE when databases are there already, or the folder of a
     *     tablespace is missing
     */
    public void fits(Cluster cluster, ClusterChoice choice, Collection<String> databases) {
        try (Connection connection = target.open(application)) {
            superuser(connection);
            if (choice.tablespaces()) {
                tablespaces(connection, cluster.tablespaces());
            }
            List<String> there =
                    Query.list(connection, "SELECT datname FROM pg_catalog.pg_database", row -> row.getString(1));
            List<String> taken = databases.stream()
                    .filter(there::contains)
                    .filter(name -> !name.equals(STANDARD))
                    .sorted()
                    .toList();
            if (!taken.isEmpty()) {
                throw taken(taken);
            }
            if (databases.contains(STANDARD) && there.contains(STANDARD)) {
                isUnused();
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot look at the server of " + target.address(), e);
        }
    }

    private static void superuser(Connection connection) throws SQLException {
        boolean superuser =
                Query.one(connection, "SELECT current_setting('is_superuser')::boolean", row -> row.getBoolean(1));
        if (!superuser) {
            String user = Query.one(connection, "SELECT current_user", row -> row.getString(1));
            throw new BackupException(
                    Problem.DENIED,
                    "role " + user + " is no superuser, and only a superuser can restore the roles of a cluster",
                    "restore as a superuser, or restore single databases of it from their own folders");
        }
    }

    private static void tablespaces(Connection connection, List<Cluster.Tablespace> tablespaces) throws SQLException {
        Set<String> there = new HashSet<>(
                Query.list(connection, "SELECT spcname FROM pg_catalog.pg_tablespace", row -> row.getString(1)));
        for (Cluster.Tablespace tablespace : tablespaces) {
            boolean possible = there.contains(tablespace.name())
                    || tablespace.location().isEmpty()
                    || Query.one(
                            connection,
                            "SELECT coalesce((SELECT isdir FROM pg_catalog.pg_stat_file(?, true)), false)",
                            row -> row.getBoolean(1),
                            tablespace.location());
            if (!possible) {
                throw new BackupException(
                        Problem.UNSUITABLE,
                        "the target's server does not have the folder " + tablespace.location() + " of tablespace "
                                + tablespace.name(),
                        "create it there, empty and owned by the server's user; or give --no-tablespaces, and everything"
                                + " goes to the default ones");
            }
        }
    }

    private static BackupException taken(List<String> taken) {
        boolean one = taken.size() == 1;
        return new BackupException(
                Problem.UNSUITABLE,
                (one ? "database " : "databases ") + String.join(", ", taken) + (one ? " is" : " are")
                        + " on the target's server already, and a cluster's databases are created anew",
                "drop or rename " + (one ? "it" : "them") + ", or leave " + (one ? "it" : "them") + " out: "
                        + taken.stream()
                                .map(name -> "--exclude-database " + name)
                                .collect(Collectors.joining(" ")));
    }

    private void isUnused() throws SQLException {
        try (Connection connection = target.withDatabase(STANDARD).open(application)) {
            List<String> found = NewTarget.contents(connection);
            if (!found.isEmpty()) {
                throw new BackupException(
                        Problem.UNSUITABLE,
                        "database " + STANDARD + " of the target's server is in use, it has "
                                + String.join(", ", found.subList(0, Math.min(5, found.size()))),
                        "leave it out: --exclude-database " + STANDARD);
            }
        }
    }
}
