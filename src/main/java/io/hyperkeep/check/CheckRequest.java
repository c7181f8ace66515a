package io.hyperkeep.check;

import io.hyperkeep.plan.LockMode;
import io.hyperkeep.plan.TableSelection;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The backup that is thought of.
 *
 * @param name what the database is called in the repository
 * @param selection which tables
 * @param jobs number of connections that export at the same time
 * @param lock how tables are kept still
 * @param repository the repository's folder, or null to leave it out
 */
public record CheckRequest(
        String name,
        TableSelection selection,
        int jobs,
        LockMode lock,
        @Nullable Path repository) {}
