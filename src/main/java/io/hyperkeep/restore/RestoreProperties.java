package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.discovery.DiscoverProperties;
import io.hyperkeep.manifest.DatabaseProperties;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.schema.PropertiesSql;
import io.hyperkeep.schema.PropertiesSql.Statement;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Gives a restored database what is said of its source as a whole: owner, settings, rights, comment, connection limit.
 * What the target's server does not allow, such as a setting of a role that it does not have, is named and costs the
 * restore nothing else. A database whose owner cannot be set stays with its owner, who gets the former owner's rights.
 * Thread-safe.
 */
public final class RestoreProperties {
    private static final String CODE = "database-settings";

    private final Connections target;
    private final String application;

    /** @param application what {@code pg_stat_activity} shows */
    public RestoreProperties(Connections target, String application) {
        this.target = target;
        this.application = application;
    }

    /** Whether anything but the owner is not as in every new database. */
    public static boolean isPlain(DatabaseProperties source) {
        return PropertiesSql.statements(source, "").isEmpty();
    }

    /**
     * Applies them; again is the same.
     *
     * @return what could not be applied
     * @throws BackupException when the target can not be reached
     */
    public List<Warning> run(DatabaseProperties source) {
        List<Warning> warnings = new ArrayList<>();
        try (Connection connection = target.open(application)) {
            String database = Identifiers.quote(target.address().database());
            DatabaseProperties expected = source.ownedBy(owner(connection, database, source.owner(), warnings));
            for (Statement statement : PropertiesSql.statements(expected, database)) {
                apply(connection, statement, warnings);
            }
            // what came out differently although nothing was refused
            if (warnings.isEmpty()) {
                warnings.addAll(differences(expected, new DiscoverProperties().read(connection)));
            }
            return warnings;
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot set the settings of " + target.address(), e);
        }
    }

    /** The owner after the attempt to set the one of the source. */
    private static String owner(Connection connection, String database, String wanted, List<Warning> warnings)
            throws SQLException {
        if (!wanted.equals(ownerNow(connection))) {
            apply(
                    connection,
                    new Statement(
                            "owner " + wanted, "ALTER DATABASE " + database + " OWNER TO " + Identifiers.quote(wanted)),
                    warnings);
        }
        return ownerNow(connection);
    }

    private static String ownerNow(Connection connection) throws SQLException {
        return Query.one(
                connection,
                "SELECT pg_catalog.pg_get_userbyid(datdba)::text FROM pg_catalog.pg_database"
                        + " WHERE datname = pg_catalog.current_database()",
                row -> row.getString(1));
    }

    private static void apply(Connection connection, Statement statement, List<Warning> warnings) {
        try {
            Query.execute(connection, statement.sql());
        } catch (SQLException e) {
            BackupException why = ServerErrors.translate("cannot set " + statement.what(), e);
            if (why.isPassing()) {
                throw why;
            }
            warnings.add(new Warning(
                    CODE,
                    "not restored of the database as a whole: " + statement.what() + ": "
                            + e.getMessage().lines().findFirst().orElse("")));
        }
    }

    /** What is said of the database as a whole and is not as in the backup, by name and without values. */
    static List<Warning> differences(DatabaseProperties expected, DatabaseProperties now) {
        Set<Statement> wanted = new LinkedHashSet<>(PropertiesSql.statements(expected, ""));
        Set<Statement> found = new LinkedHashSet<>(PropertiesSql.statements(now.ownedBy(expected.owner()), ""));
        Set<Statement> differing = new LinkedHashSet<>(wanted);
        differing.addAll(found);
        differing.removeIf(statement -> wanted.contains(statement) && found.contains(statement));
        if (!expected.owner().equals(now.owner())) {
            differing.add(new Statement("owner", ""));
        }
        return differing.isEmpty()
                ? List.of()
                : List.of(new Warning(
                        CODE,
                        "of the database as a whole, not as in the backup: "
                                + differing.stream()
                                        .map(statement ->
                                                statement.what().startsWith("right ") ? "rights" : statement.what())
                                        .distinct()
                                        .collect(Collectors.joining(", "))));
    }
}
