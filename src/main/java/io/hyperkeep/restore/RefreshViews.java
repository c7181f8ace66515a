package io.hyperkeep.restore;

import io.hyperkeep.database.Connections;
import io.hyperkeep.database.Identifiers;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.verify.Finding;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Fills materialized views. What one holds may be older than what its query finds, so it can have become impossible to fill
 * it: a division by zero, a foreign server that is away. It then stays without rows and is named, and all else is restored.
 */
public final class RefreshViews {
    /** Object not in prerequisite state: a view that this one reads has no rows yet. */
    private static final String NOT_FILLED = "55000";

    private final Connections target;
    private final String application;

    /** @param application what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12} */
    public RefreshViews(Connections target, String application) {
        this.target = target;
        this.application = application + "/refresh";
    }

    /**
     * Views that stay without rows.
     *
     * @param why what the server says, by the view
     */
    public record Unfilled(Map<TableName, String> why) {
        public Unfilled {
            why = Map.copyOf(why);
        }

        public Set<TableName> views() {
            return why.keySet();
        }

        /** Each of them by name. */
        public List<Warning> warnings() {
            return why.keySet().stream()
                    .sorted()
                    .map(view -> new Warning(
                            "not-filled",
                            "materialized view " + view + " is restored without its rows (WITH NO DATA): "
                                    + why.get(view)
                                    + ". REFRESH MATERIALIZED VIEW " + Identifiers.quote(view)
                                    + " fills it once that is mended"))
                    .toList();
        }
    }

    /**
     * Fills them.
     *
     * @param views in the order in which they need each other, or in any: one that needs another one waits for it
     * @throws io.hyperkeep.problem.BackupException when the connection is lost, or the server is not in good health
     */
    public Unfilled run(List<TableName> views) {
        Map<TableName, String> why = new LinkedHashMap<>();
        if (views.isEmpty()) {
            return new Unfilled(why);
        }
        try (Connection connection = target.open(application)) {
            List<TableName> open = views;
            boolean again = true;
            while (again && !open.isEmpty()) {
                List<TableName> failed = new ArrayList<>();
                boolean waiting = false;
                for (TableName view : open) {
                    SQLException failure = fill(connection, view);
                    if (failure == null) {
                        why.remove(view);
                    } else {
                        why.put(view, ServerErrors.message(failure));
                        failed.add(view);
                        waiting |= NOT_FILLED.equals(failure.getSQLState());
                    }
                }
                again = waiting && failed.size() < open.size();
                open = failed;
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot connect to " + target.address(), e);
        }
        return new Unfilled(why);
    }

    /** Whether this is a materialized view that had rows. */
    public static boolean isFilledView(SchemaObject object) {
        return object.kind().equals("materialized view") && !object.facets().containsKey("state");
    }

    /** Whether a difference is that one of these views has no rows. */
    public static boolean isUnfilled(Finding finding, Set<TableName> views) {
        return "not filled".equals(finding.now())
                && views.stream().anyMatch(view -> finding.on().equals("materialized view " + view));
    }

    private static @Nullable SQLException fill(Connection connection, TableName view) {
        try {
            Query.execute(connection, "REFRESH MATERIALIZED VIEW " + Identifiers.quote(view));
            return null;
        } catch (SQLException e) {
            if (!ServerErrors.isRefusal(e)) {
                throw ServerErrors.translate("cannot refresh " + view, e);
            }
            return e;
        }
    }
}
