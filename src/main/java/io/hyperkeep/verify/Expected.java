package io.hyperkeep.verify;

import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.SchemaObject;
import io.hyperkeep.manifest.SequenceState;
import io.hyperkeep.manifest.TableEntry;
import java.util.List;
import java.util.Set;

/**
 * What a database has to be like; names are those that it has them under.
 *
 * @param manifest the backup's, whole, with the names of the source
 * @param tables those of its tables that the database has to have
 * @param sequences those of its sequences that the database has to have
 * @param objects those of its objects that the database has to have
 * @param jobs its policies and jobs that the database has to have
 * @param notRestored parts of these tables that need not be there
 * @param noOtherTables whether a table that the backup does not have is a difference
 * @param noOtherObjects whether anything else is a difference that the backup does not have
 * @param compressed whether chunks have to be compressed that were
 */
public record Expected(
        Manifest manifest,
        List<TableEntry> tables,
        List<SequenceState> sequences,
        List<SchemaObject> objects,
        Jobs jobs,
        Set<NotRestored> notRestored,
        boolean noOtherTables,
        boolean noOtherObjects,
        boolean compressed) {
    public Expected {
        tables = List.copyOf(tables);
        sequences = List.copyOf(sequences);
        objects = List.copyOf(objects);
        notRestored = Set.copyOf(notRestored);
    }

    /**
     * Policies and user-defined jobs.
     *
     * @param jobs those that have to be there
     * @param state whether they have to be on
     */
    public record Jobs(List<JobEntry> jobs, JobState state) {
        /** None has to be there. */
        public static final Jobs NONE = new Jobs(List.of(), JobState.ANY);

        public Jobs {
            jobs = List.copyOf(jobs);
        }
    }
}
