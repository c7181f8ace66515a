package io.hyperkeep.schedule;

import java.util.Locale;

/** What of a plan can be scheduled. */
public enum ScheduledJob {
    BACKUP,
    VERIFY,
    DRILL,
    PRUNE;

    /** As commands and the record of runs call it: {@code backup}. */
    public String label() {
        return name().toLowerCase(Locale.ROOT);
    }

    /** The one of this name. */
    public static ScheduledJob of(String label) {
        return valueOf(label.toUpperCase(Locale.ROOT));
    }

    /**
     * Whether it and a run of this job exclude each other on the same database: they lock the same things, or one would
     * delete what the other reads.
     */
    boolean excludes(String job) {
        boolean prunes = this == PRUNE || job.equals(PRUNE.label());
        boolean restored = this == BACKUP && job.equals("restore");
        return job.equals(label()) || prunes || restored;
    }
}
