package io.hyperkeep.cli;

import io.hyperkeep.manifest.JobEntry;
import java.util.List;

/** Shows policies and user-defined jobs to people. */
final class JobColumns {
    private JobColumns() {}

    static Columns of(List<JobEntry> jobs) {
        Columns columns = new Columns("JOB>", "PROCEDURE", "ON", "EVERY", "OWNER", "SCHEDULED");
        for (JobEntry job : jobs) {
            columns.row(
                    String.valueOf(job.id()),
                    job.isPolicy() ? job.procedure().name() : job.procedure().toString(),
                    job.on() == null ? "" : job.on().toString(),
                    job.schedule().interval(),
                    job.owner(),
                    job.scheduled() ? "yes" : "no");
        }
        return columns;
    }
}
