package io.hyperkeep.jobs.steps;

import io.hyperkeep.export.DiscardDraft;
import io.hyperkeep.export.SealBackup;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.runs.RunRecords;
import io.hyperkeep.storage.Repository;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Opens the folder that will be the backup, and removes those that never became one: of this attempt when it ends, and of
 * the attempts that it repeats, whose processes may have been killed.
 */
final class OpenDraft {
    private static final Logger log = LoggerFactory.getLogger(OpenDraft.class);

    private final RunRecords records;

    OpenDraft(RunRecords records) {
        this.records = records;
    }

    /** Only for a run that has the lock of its database, so that no other works on these folders. */
    SealBackup.Draft run(BackupAttempt attempt, Repository repository) {
        BackupPlan plan = attempt.plan();
        for (long earlier : attempt.earlierRuns()) {
            records.draft(earlier)
                    .filter(draft -> draft.startsWith(repository.root()))
                    .ifPresent(draft -> discard(repository, repository.root().relativize(draft)));
        }
        SealBackup.Draft draft = SealBackup.begin(repository, plan.database().name(), attempt.started());
        if (!draft.id().startsWith(SealBackup.id(attempt.started()))) {
            log.warn(
                    "the newest backup in {} is of the future: was the clock set back? This one is called {}, to come after it",
                    draft.folder().getParent(),
                    draft.id());
        }
        attempt.closing(() -> discard(repository, Path.of(draft.path())));
        records.drafted(attempt.run(), draft.folder());
        return draft;
    }

    private static void discard(Repository repository, Path path) {
        List<String> names = new ArrayList<>();
        path.forEach(name -> names.add(name.toString()));
        try {
            DiscardDraft.run(repository.store(), String.join("/", names));
        } catch (IOException e) {
            // whatever is wrong with the repository, the run fails or failed by it with a better word
            log.warn("could not remove the unsealed {}: {}", repository.root().resolve(path), e.toString());
        }
    }
}
