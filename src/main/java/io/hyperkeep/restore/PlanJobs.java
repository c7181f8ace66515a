package io.hyperkeep.restore;

import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.manifest.TableName;
import io.hyperkeep.manifest.Warning;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Which policies and jobs of a backup come with a selection.
 *
 * @param jobs those whose table and procedure come too, as the target is to have them
 * @param warnings one for each of the others
 */
record PlanJobs(List<JobEntry> jobs, List<Warning> warnings) {
    PlanJobs {
        jobs = List.copyOf(jobs);
        warnings = List.copyOf(warnings);
    }

    /**
     * Decides it: a pure function.
     *
     * @param selected tables and continuous aggregates
     * @param entries of the schema, those that are restored
     */
    static PlanJobs of(Manifest manifest, Set<TableName> selected, List<SchemaEntry> entries, TargetNames names) {
        List<JobEntry> jobs = new ArrayList<>();
        List<Warning> warnings = new ArrayList<>();
        for (JobEntry job : manifest.jobs()) {
            String missing = missing(job, selected, entries);
            if (missing == null) {
                jobs.add(names.of(job));
            } else {
                warnings.add(new Warning("not-selected", job.label() + " is not restored: " + missing));
            }
        }
        return new PlanJobs(jobs, warnings);
    }

    private static @Nullable String missing(JobEntry job, Set<TableName> selected, List<SchemaEntry> entries) {
        if (job.on() != null && !selected.contains(job.on())) {
            return job.on() + " is not selected";
        }
        if (!job.callsOneOf(entries)) {
            return "its procedure is not selected";
        }
        return job.isCheckedByOneOf(entries)
                ? null
                : "the function " + job.check() + ", which checks its configuration, is not selected";
    }
}
