package io.hyperkeep.jobs.steps;

import io.hyperkeep.archive.CompareArchive;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.jobs.RestoreAttempt;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.restore.ArchiveOptions;
import io.hyperkeep.restore.ArchiveOptions.RowComparison;
import io.hyperkeep.restore.ForeignParts;
import io.hyperkeep.restore.RefreshViews;
import io.hyperkeep.verify.Comparison;
import io.hyperkeep.verify.Finding;
import io.hyperkeep.verify.JobState;
import io.hyperkeep.verify.OwnReaders;
import java.sql.SQLException;
import java.util.List;

/** Proves that the new database has what the dumped one had. */
public final class CompareWhole implements Phase<RestoreAttempt> {
    @Override
    public void run(RestoreAttempt attempt) {
        ArchiveOptions options = attempt.request().options().archive();
        try {
            OwnReaders readers = new OwnReaders(attempt.connections(), attempt.application() + "/compare");
            ForeignParts foreign = readers.read(ForeignParts::of);
            Comparison compared = new CompareArchive(
                            readers,
                            new ClientTools(attempt.request().target()),
                            attempt.progress(),
                            attempt.backup().path(),
                            attempt.plan().manifest(),
                            options.noOwner())
                    .run(options.comparison(), attempt.request().jobs(), JobState.OFF);
            List<Finding> differences = compared.differences().stream()
                    // named when they could not be filled
                    .filter(difference -> !RefreshViews.isUnfilled(difference, attempt.unfilled()))
                    .filter(difference -> !foreign.isInvalidIndex(difference))
                    .toList();
            if (!differences.isEmpty()) {
                throw Finding.failure(
                        Problem.MISMATCH,
                        "what is in database " + attempt.connections().address().database()
                                + " is not what is in backup "
                                + attempt.plan().manifest().id(),
                        differences,
                        "do not use this database; the schema hyperkeep in it marks it as unfinished");
            }
            attempt.warn(foreign.warnings(compared.differences()));
            attempt.warn(compared.warnings());
            if (options.comparison() == RowComparison.COUNTS) {
                attempt.warn(List.of(new Warning(
                        "rows-counted",
                        "rows were counted and not read back, as asked for: `hyperkeep compare` reads every one")));
            }
        } catch (SQLException e) {
            throw ServerErrors.translate("cannot read " + attempt.connections().address(), e);
        }
    }
}
