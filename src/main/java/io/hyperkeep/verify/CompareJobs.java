package io.hyperkeep.verify;

import io.hyperkeep.discovery.Inventory;
import io.hyperkeep.manifest.JobEntry;
import io.hyperkeep.manifest.TableEntry;
import io.hyperkeep.manifest.TableName;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.BiPredicate;
import org.jspecify.annotations.Nullable;

/**
 * Policies and user-defined jobs. Pure functions.
 *
 * <p>A job's number is another one in each database, so jobs are paired by what they are: first those that are the same
 * in everything, then those of the same procedure on the same table. When a job ran, and runs next, is not compared.
 */
public final class CompareJobs implements Comparer {
    /** A job of the manifest and the one that it is in the database. */
    public record Pair(JobEntry expected, JobEntry found) {
        /** Whether they are the same in everything but whether they are on. */
        public boolean isSame() {
            return same(expected, found);
        }
    }

    /**
     * How the jobs of two databases belong together.
     *
     * @param pairs those that do, the same or not
     * @param missing expected ones that are not there
     * @param extra ones that are there and nobody expects
     */
    public record Paired(List<Pair> pairs, List<JobEntry> missing, List<JobEntry> extra) {}

    @Override
    public List<Finding> compare(Expected expected, Inventory found) {
        if (!found.server().communityEdition()) {
            // there can be none, as whoever compares says
            return List.of();
        }
        Paired paired = pair(expected.jobs().jobs(), found.jobs());
        List<Finding> findings = new ArrayList<>();
        for (Pair pair : paired.pairs()) {
            differences(pair, expected.jobs().state(), findings);
        }
        paired.missing().forEach(job -> findings.add(missing(job)));
        Set<TableName> relations = relations(expected);
        for (JobEntry job : paired.extra()) {
            if (job.on() == null ? expected.noOtherObjects() : relations.contains(job.on())) {
                findings.add(new Finding(job.label(), "is not in the backup"));
            }
        }
        return findings;
    }

    /** Tables, and aggregates of which the backup has a policy. */
    private static Set<TableName> relations(Expected expected) {
        Set<TableName> relations = new HashSet<>();
        expected.tables().stream().map(TableEntry::name).forEach(relations::add);
        expected.jobs().jobs().stream()
                .map(JobEntry::on)
                .filter(Objects::nonNull)
                .forEach(relations::add);
        return relations;
    }

    /** What is found when this job is not there. */
    public static Finding missing(JobEntry job) {
        return Finding.missing(job.label());
    }

    /** Pairs them, those first that are the same in most. */
    public static Paired pair(List<JobEntry> expected, List<JobEntry> found) {
        List<JobEntry> missing = new ArrayList<>(expected);
        List<JobEntry> extra = new ArrayList<>(found);
        List<Pair> pairs = new ArrayList<>();
        take(missing, extra, pairs, (one, other) -> same(one, other) && one.scheduled() == other.scheduled());
        take(missing, extra, pairs, CompareJobs::same);
        take(
                missing,
                extra,
                pairs,
                (one, other) -> sameProcedure(one, other) && Objects.equals(one.config(), other.config()));
        take(missing, extra, pairs, CompareJobs::sameProcedure);
        return new Paired(List.copyOf(pairs), List.copyOf(missing), List.copyOf(extra));
    }

    private static void take(
            List<JobEntry> missing, List<JobEntry> extra, List<Pair> pairs, BiPredicate<JobEntry, JobEntry> together) {
        for (JobEntry job : List.copyOf(missing)) {
            for (JobEntry other : extra) {
                if (together.test(job, other)) {
                    pairs.add(new Pair(job, other));
                    missing.remove(job);
                    extra.remove(other);
                    break;
                }
            }
        }
    }

    private static boolean same(JobEntry one, JobEntry other) {
        List<Finding> findings = new ArrayList<>();
        differences(new Pair(one, other), JobState.ANY, findings);
        return sameProcedure(one, other) && findings.isEmpty();
    }

    private static boolean sameProcedure(JobEntry one, JobEntry other) {
        return text(one.procedure()).equals(text(other.procedure())) && Objects.equals(one.on(), other.on());
    }

    private static @Nullable String text(JobEntry.@Nullable Procedure procedure) {
        return procedure == null ? null : procedure.toString();
    }

    private static void differences(Pair pair, JobState state, List<Finding> findings) {
        JobEntry expected = pair.expected();
        JobEntry found = pair.found();
        JobEntry.Schedule schedule = expected.schedule();
        JobEntry.Schedule now = found.schedule();
        Properties properties = new Properties(findings, expected.label());
        properties.compare("name", expected.name(), found.name());
        properties.compare("owner", expected.owner(), found.owner());
        properties.compare("schedule interval", schedule.interval(), now.interval());
        properties.compare("fixed schedule", schedule.fixed(), now.fixed());
        properties.compare("initial start", schedule.initialStart(), now.initialStart());
        properties.compare("time zone", schedule.timezone(), now.timezone());
        properties.compare(
                "longest runtime",
                expected.limits().maxRuntime(),
                found.limits().maxRuntime());
        properties.compare(
                "retry limit", expected.limits().maxRetries(), found.limits().maxRetries());
        properties.compare(
                "retry period", expected.limits().retryPeriod(), found.limits().retryPeriod());
        properties.compare("configuration", expected.config(), found.config());
        properties.compare(
                "configuration's table", new TreeMap<>(expected.relations()), new TreeMap<>(found.relations()));
        properties.compare("check", text(expected.check()), text(found.check()));
        if (state != JobState.ANY) {
            properties.compare(
                    "state",
                    onOrOff(state == JobState.AS_IN_SOURCE && expected.scheduled()),
                    onOrOff(found.scheduled()));
        }
    }

    private static String onOrOff(boolean scheduled) {
        return scheduled ? "on" : "off";
    }

    private record Properties(List<Finding> findings, String job) {
        void compare(String property, @Nullable Object expected, @Nullable Object now) {
            Finding.ifDifferent(findings, job, property, expected, now);
        }
    }
}
