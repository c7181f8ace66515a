package io.hyperkeep.hooks;

import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.manifest.Totals;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * The environment of a hook: this process's own, without the password that libpq's programs take from it, and what the
 * backup is about. A variable whose value is not known is empty. Thread-safe.
 */
final class HookVariables {
    /** Linux takes 128 KiB for a variable. */
    private static final int LONGEST = 10_000;

    private final Map<String, String> own;

    HookVariables(Map<String, String> own) {
        this.own = Map.copyOf(own);
    }

    Map<String, String> before(BackupPlan plan, long run) {
        return of("before", plan, run);
    }

    Map<String, String> after(BackupPlan plan, RunOutcome outcome) {
        Map<String, String> variables = of("after", plan, outcome.run());
        Totals totals = outcome.totals();
        BackupException failure = outcome.failure();
        put(variables, "STATE", outcome.state());
        put(variables, "BACKUP", outcome.backup());
        put(variables, "ROWS", totals == null ? null : totals.rows());
        put(variables, "BYTES", totals == null ? null : totals.bytes());
        put(variables, "SECONDS", outcome.seconds().toSeconds());
        put(variables, "WARNINGS", outcome.warnings().size());
        put(variables, "FAILURE", failure == null ? null : failure.getMessage());
        return variables;
    }

    private Map<String, String> of(String hook, BackupPlan plan, long run) {
        Map<String, String> variables = new HashMap<>(own);
        variables.remove("PGPASSWORD");
        put(variables, "HOOK", hook);
        put(variables, "PLAN", plan.name());
        put(variables, "DATABASE", plan.database().name());
        put(variables, "REPOSITORY", plan.repository());
        put(variables, "RUN", run);
        return variables;
    }

    private static void put(Map<String, String> variables, String name, @Nullable Object value) {
        // a zero byte would end the program's environment
        String text = value == null ? "" : value.toString().replace("\0", "");
        variables.put("HYPERKEEP_" + name, text.length() > LONGEST ? text.substring(0, LONGEST) : text);
    }
}
