package io.hyperkeep.restore;

import io.hyperkeep.crew.Crew;
import io.hyperkeep.crew.Hand;
import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Connections;
import io.hyperkeep.plan.TableSelection;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.storage.BackupFolder;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** A restore as the job runs it, step by step; may be stopped before any step, and run again. */
final class WholeRestore {
    private static final String NAME = "hyperkeep/1";

    private final BackupFolder backup;
    private final Connections target;
    private final RestorePlan plan;
    private final int jobs;
    private final RunProgress progress = new RunProgress();
    private final CompareTarget compare;
    private CreateJobs.@Nullable Created created;
    private final Map<String, Long> millis = new LinkedHashMap<>();

    WholeRestore(BackupFolder backup, Connections target, TableSelection selection, int jobs) {
        this.backup = backup;
        this.target = target;
        this.plan = PlanRestore.run(backup.manifest(), selection, RestoreOptions.DEFAULT);
        this.jobs = jobs;
        this.compare = new CompareTarget(target, NAME, progress, plan);
    }

    RestorePlan plan() {
        return plan;
    }

    /** What each step took. */
    Map<String, Long> millis() {
        return millis;
    }

    void run() {
        steps().keySet().forEach(this::step);
    }

    /** Runs the steps before this one. */
    void until(String step) {
        for (String name : steps().keySet()) {
            if (name.equals(step)) {
                return;
            }
            step(name);
        }
    }

    /** Runs this step and those after it. */
    void from(String step) {
        steps().keySet().stream().dropWhile(name -> !name.equals(step)).forEach(this::step);
    }

    void step(String name) {
        long start = System.nanoTime();
        steps().get(name).run();
        millis.put(name, (System.nanoTime() - start) / 1_000_000);
    }

    private Map<String, Runnable> steps() {
        String name = NAME;
        RestoreEntries entries = new RestoreEntries(backup, target, new ClientTools(target.settings()), name);
        FinishRestore finish = new FinishRestore(target, name);
        Map<String, Runnable> steps = new LinkedHashMap<>();
        steps.put("check", () -> new CheckBackup(backup, progress).run(plan, jobs));
        steps.put("prepare", () -> {
            PrepareTarget prepare = new PrepareTarget(target, name);
            prepare.createDatabase(plan);
            prepare.run(plan);
        });
        steps.put("pre-data", () -> entries.preData(plan));
        steps.put("hypertables", () -> new CreateHypertables(target, name).run(plan));
        steps.put("early-indexes", () -> entries.indexesBeforeChunks(plan));
        steps.put("chunks", () -> new CreateChunks(target, name).run(plan, jobs));
        steps.put("import", () -> {
            try (ImportSessions sessions = ImportSessions.open(backup, target, name, progress, plan, jobs)) {
                Crew.work("import", jobs, List.copyOf(sessions.begin()), () -> new Importer(sessions));
            }
        });
        steps.put("indexes", () -> entries.indexes(plan, jobs, compare));
        steps.put("foreign-keys", () -> entries.foreignKeys(plan));
        steps.put("rest", () -> entries.rest(plan));
        steps.put("sequences", () -> finish.sequences(plan));
        steps.put("refresh", () -> new RefreshViews(target, name).run(plan.refresh()));
        steps.put("compress", () -> new CompressChunks(target, name, progress).run(plan, jobs));
        steps.put("late", () -> entries.afterCompression(plan));
        steps.put("create-jobs", () -> created = new CreateJobs(target, name).run(plan));
        steps.put("analyze", () -> finish.analyze(plan, jobs));
        steps.put("compare", () -> compare.run(jobs, created, Set.of()));
        steps.put("end", () -> finish.end(plan, JobsAtEnd.AS_IN_SOURCE));
        return steps;
    }

    private record Importer(ImportSessions sessions) implements Hand<String> {
        @Override
        public void work(String unit) throws InterruptedException {
            sessions.run(unit);
        }

        @Override
        public void cancel() {
            sessions.cancel();
        }

        @Override
        public void close() {
            // the sessions are closed by who opened them
        }
    }
}
