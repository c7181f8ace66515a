package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.RestoreArchive;
import io.hyperkeep.database.Query;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.restore.MissingTablespaces;
import io.hyperkeep.restore.RefreshViews;
import java.sql.Connection;
import java.sql.SQLException;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/** Has pg_restore do what reads rows: materialized views are filled, then all else. */
public final class RestoreLate implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        // whatever broke meanwhile may have given the lock away
        attempt.lock().keep();
        RestoreArchive archive = RestoreEntriesOf.archive(attempt);
        if (attempt.plan().manifest().source().timescale() != null) {
            forgetAttached(attempt);
        }
        if (!archive.views()) {
            // one after the other, so that the server says of each why
            attempt.unfilled(new RefreshViews(attempt.connections(), attempt.application()).run(unfilled(attempt)));
        }
        archive.late();
    }

    private static void forgetAttached(RestoreAttempt attempt) {
        try (Connection connection = attempt.connections().open(attempt.application() + "/tablespaces")) {
            MissingTablespaces.forgetAttached(connection);
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot detach missing tablespaces in "
                            + attempt.connections().address(),
                    e);
        }
    }

    private static List<TableName> unfilled(RestoreAttempt attempt) {
        List<SchemaObject> objects =
                Objects.requireNonNullElse(attempt.plan().manifest().objects(), List.of());
        try (Connection connection = attempt.connections().open(attempt.application() + "/refresh")) {
            Set<TableName> empty = new HashSet<>(Query.list(
                    connection,
                    "SELECT n.nspname, c.relname FROM pg_catalog.pg_class c JOIN pg_catalog.pg_namespace n"
                            + " ON n.oid = c.relnamespace WHERE c.relkind = 'm' AND NOT c.relispopulated",
                    row -> new TableName(row.getString(1), row.getString(2))));
            return objects.stream()
                    .filter(RefreshViews::isFilledView)
                    .map(view -> new TableName(String.valueOf(view.schema()), view.name()))
                    .filter(empty::contains)
                    .toList();
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot look at " + attempt.connections().address(), e);
        }
    }
}
