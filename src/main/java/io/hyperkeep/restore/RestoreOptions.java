package io.hyperkeep.restore;

import java.util.Objects;

/**
 * How a restore is to come out, beside what is restored and where to.
 *
 * @param compress what becomes of chunks that were compressed
 * @param jobs which policies and jobs are switched on at the end
 * @param strict whether to refuse a target that can not carry everything, instead of warning of it
 * @param alterations in what the target is to differ from the backup
 * @param databaseSettings whether what is said of the database as a whole is applied to one that was there before, too
 * @param archive in what the target is to differ from a whole database's archive
 * @param noTablespaces whether no tablespace is used: everything goes to the database's default one
 */
public record RestoreOptions(
        CompressMode compress,
        JobsAtEnd jobs,
        boolean strict,
        Alterations alterations,
        boolean databaseSettings,
        ArchiveOptions archive,
        boolean noTablespaces) {
    /** As in the source, as far as the target can. */
    public static final RestoreOptions DEFAULT = new RestoreOptions(
            CompressMode.AS_SOURCE, JobsAtEnd.AS_IN_SOURCE, false, Alterations.NONE, false, ArchiveOptions.NONE, false);

    public RestoreOptions {
        // a run of an earlier version recorded none of them
        jobs = Objects.requireNonNullElse(jobs, JobsAtEnd.AS_IN_SOURCE);
        alterations = Objects.requireNonNullElse(alterations, Alterations.NONE);
        archive = Objects.requireNonNullElse(archive, ArchiveOptions.NONE);
    }

    /** The same with these alterations. */
    public RestoreOptions with(Alterations others) {
        return new RestoreOptions(compress, jobs, strict, others, databaseSettings, archive, noTablespaces);
    }

    /** The same with these jobs on. */
    public RestoreOptions with(JobsAtEnd on) {
        return new RestoreOptions(compress, on, strict, alterations, databaseSettings, archive, noTablespaces);
    }

    /** The same, with the settings of the database applied, or not, to one that was there before. */
    public RestoreOptions withDatabaseSettings(boolean applied) {
        return new RestoreOptions(compress, jobs, strict, alterations, applied, archive, noTablespaces);
    }

    /** The same, with a whole database's archive coming out like this. */
    public RestoreOptions with(ArchiveOptions others) {
        return new RestoreOptions(compress, jobs, strict, alterations, databaseSettings, others, noTablespaces);
    }
}
