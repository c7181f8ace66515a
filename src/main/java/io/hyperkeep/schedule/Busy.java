package io.hyperkeep.schedule;

import io.hyperkeep.runs.Firing;
import io.hyperkeep.runs.Run;
import io.hyperkeep.runs.RunQueries;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What is at work on which database: here, from the moment that a firing waits for its turn, and elsewhere, by the record
 * of runs. The locks on databases and their folders decide in the end; this only spares a run that would meet them, and
 * can say whom it met. Thread-safe.
 */
final class Busy {
    private final RunQueries runs;
    private final List<Entry> entries = new ArrayList<>();

    Busy(RunQueries runs) {
        this.runs = runs;
    }

    /** A firing that waits or runs here. */
    final class Entry implements AutoCloseable {
        private final Firing firing;
        private volatile @Nullable Long run;

        private Entry(Firing firing) {
            this.firing = firing;
        }

        void began(long number) {
            run = number;
        }

        @Override
        public void close() {
            synchronized (entries) {
                entries.remove(this);
            }
        }
    }

    /**
     * @param entry closed when the firing has ended, or null
     * @param met who is in its way, a sentence, or null
     */
    record Entered(@Nullable Entry entry, @Nullable String met) {}

    /** Enters a firing, unless another one that waits or runs here is in its way. */
    Entered enter(Firing firing) {
        ScheduledJob job = ScheduledJob.of(firing.job());
        synchronized (entries) {
            for (Entry other : entries) {
                if (other.firing.database().equals(firing.database()) && job.excludes(other.firing.job())) {
                    return new Entered(null, met(other));
                }
            }
            Entry entry = new Entry(firing);
            entries.add(entry);
            return new Entered(entry, null);
        }
    }

    private static String met(Entry other) {
        String what = "the " + other.firing.job() + " of plan " + other.firing.plan() + " on database "
                + other.firing.database();
        return other.run == null
                ? "met " + what + " that is scheduled for " + other.firing.scheduled() + " and waits for its turn"
                : "met run " + other.run + ", " + what;
    }

    /** Who is in its way elsewhere, whoever started it; a sentence. */
    Optional<String> metElsewhere(Firing firing) {
        ScheduledJob job = ScheduledJob.of(firing.job());
        return runs.running().stream()
                .filter(run -> run.state().equals("RUNNING"))
                .filter(run -> run.database().equals(firing.database())
                        || run.database().equals("*"))
                .filter(run -> job.excludes(run.job()))
                .filter(run -> !isOurs(run))
                .findFirst()
                .map(run -> "met run " + run.run() + ", the " + run.job()
                        + (run.plan() == null ? "" : " of plan " + run.plan()) + " on database " + run.database());
    }

    private boolean isOurs(Run run) {
        synchronized (entries) {
            return entries.stream().anyMatch(entry -> Long.valueOf(run.run()).equals(entry.run));
        }
    }
}
