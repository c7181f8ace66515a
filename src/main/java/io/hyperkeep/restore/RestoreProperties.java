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
 * Gives a restored database what is said of its source as a whole: settings, rights, comment, connection limit. Its owner
 * stays who restores. What the target's server does not allow, such as a setting of a role that it does not have, is named
 * and costs the restore nothing else. Thread-safe.
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

    /** Whether anything is not as in every new database. */
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
        DatabaseProperties expected = source.ownedBy(target.address().user());
        List<Warning> warnings = new ArrayList<>();
        try (Connection connection = target.open(application)) {
            String database = Identifiers.quote(target.address().database());
            for (Statement statement : PropertiesSql.statements(expected, database)) {
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
            // what came out differently although nothing was refused
            if (warnings.isEmpty()) {
                warnings.addAll(differences(expected, new DiscoverProperties().read(connection)));
            }
            return warnings;
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot set the settings of " + target.address(), e);
        }
    }

    /** What is said of the database as a whole and is not as in the backup, by name and without values; not the owner. */
    static List<Warning> differences(DatabaseProperties expected, DatabaseProperties now) {
        Set<Statement> wanted = new LinkedHashSet<>(PropertiesSql.statements(expected, ""));
        Set<Statement> found = new LinkedHashSet<>(PropertiesSql.statements(now.ownedBy(expected.owner()), ""));
        Set<Statement> differing = new LinkedHashSet<>(wanted);
        differing.addAll(found);
        differing.removeIf(statement -> wanted.contains(statement) && found.contains(statement));
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
