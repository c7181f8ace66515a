package io.hyperkeep.hooks;

import io.hyperkeep.jobs.Hooks;
import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.process.ExternalProcess;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Runs the hooks of plans as commands of the operating system. Thread-safe. */
public final class RunHooks implements Hooks {
    /** What a hook ends with that wants no backup this time: EX_TEMPFAIL of sysexits.h. */
    static final int SKIP = 75;

    private static final Logger log = LoggerFactory.getLogger(RunHooks.class);
    private static final int LOGGED_LINES = 100;
    private static final int LONGEST_LINE = 500;
    private static final int TOLD_LINES = 3;
    private static final String BY_HAND = "run it by hand, as this user, to see why.";

    private final Function<@Nullable String, HookSettings> settings;
    private final HookVariables variables;

    /**
     * @param settings by a plan's name; by null, those of backups without a plan
     * @param environment what hooks inherit
     */
    public RunHooks(Function<@Nullable String, HookSettings> settings, Map<String, String> environment) {
        this.settings = settings;
        this.variables = new HookVariables(environment);
    }

    @Override
    public void before(BackupPlan plan, long run) throws InterruptedException {
        HookSettings hooks = settings.apply(plan.name());
        List<String> command = hooks.before();
        if (command == null) {
            return;
        }
        String what = name("before", plan);
        Ended ended;
        try {
            ended = run(what, command, variables.before(plan, run), hooks.timeout());
        } catch (Unended e) {
            throw refused(what + " " + e.getMessage());
        }
        if (ended.exitCode() == SKIP) {
            throw new BackupException(
                    Problem.SKIPPED, what + " says that there is to be no backup this time" + ended.said(), null);
        }
        if (ended.exitCode() != 0) {
            throw refused(what + " failed with exit code " + ended.exitCode() + ended.said());
        }
    }

    private static BackupException refused(String what) {
        return new BackupException(Problem.HOOK, what, "nothing was backed up; " + BY_HAND);
    }

    @Override
    public List<Warning> after(BackupPlan plan, RunOutcome outcome) throws InterruptedException {
        HookSettings hooks = settings.apply(plan.name());
        List<String> command = hooks.after();
        if (command == null) {
            return List.of();
        }
        String what = name("after", plan);
        try {
            Ended ended = run(what, command, variables.after(plan, outcome), hooks.timeout());
            return ended.exitCode() == 0
                    ? List.of()
                    : failed(what + " failed with exit code " + ended.exitCode() + ended.said());
        } catch (Unended e) {
            return failed(what + " " + e.getMessage());
        }
    }

    private static List<Warning> failed(String what) {
        return List.of(new Warning("hook-failed", what));
    }

    private static String name(String hook, BackupPlan plan) {
        return "the hook " + hook + " of " + (plan.name() == null ? "the defaults" : "plan '" + plan.name() + "'");
    }

    /**
     * @param exitCode its exit code
     * @param lines the last that it printed, of standard error if it printed there
     */
    private record Ended(int exitCode, List<String> lines) {
        String said() {
            return lines.isEmpty() ? "" : ": " + String.join(" ", lines);
        }
    }

    /** It has no exit code; the message says why not. */
    private static final class Unended extends Exception {
        private static final long serialVersionUID = 1L;

        Unended(String message) {
            super(message);
        }
    }

    private static Ended run(String what, List<String> command, Map<String, String> environment, Duration timeout)
            throws Unended, InterruptedException {
        log.info("running {}", what);
        Printed errors = new Printed(what);
        Printed output = new Printed(what);
        try {
            ExternalProcess.Outcome outcome = ExternalProcess.run(
                    command, environment, null, null, LOGGED_LINES * LONGEST_LINE, errors::line, timeout);
            outcome.output().lines().forEach(output::line);
            List<String> said = errors.last().isEmpty() ? output.last() : errors.last();
            return new Ended(outcome.exitCode(), said);
        } catch (IOException e) {
            throw new Unended("can not be started: " + e.getMessage());
        } catch (ExternalProcess.TimedOut e) {
            throw new Unended("did not end within " + timeout.toSeconds()
                    + " seconds and was stopped, with all that it had started");
        }
    }

    /** What a hook prints: logged up to a bound, and its last lines kept. Thread-safe. */
    private static final class Printed {
        private final String what;
        private final Deque<String> last = new ArrayDeque<>();
        private int lines;

        Printed(String what) {
            this.what = what;
        }

        synchronized void line(String line) {
            if (line.isBlank()) {
                return;
            }
            String kept = line.length() > LONGEST_LINE ? line.substring(0, LONGEST_LINE) + "…" : line;
            if (++lines <= LOGGED_LINES) {
                log.info("{}: {}", what, kept);
            } else if (lines == LOGGED_LINES + 1) {
                log.info("{} prints more than {} lines: the rest is not logged", what, LOGGED_LINES);
            }
            if (last.size() == TOLD_LINES) {
                last.removeFirst();
            }
            last.addLast(kept);
        }

        synchronized List<String> last() {
            return List.copyOf(last);
        }
    }
}
