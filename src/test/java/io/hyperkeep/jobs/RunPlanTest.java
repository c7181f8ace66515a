package io.hyperkeep.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.fixtures.SomePlan;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupKind;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import java.lang.reflect.Proxy;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RunPlanTest {
    private static final BackupPlan PLAN = SomePlan.named("nightly");
    private static final BackupException LOST = new BackupException(Problem.UNREACHABLE, "the connection broke", null);
    private static final BackupException SKIP = new BackupException(Problem.SKIPPED, "not today", null);

    private final List<String> story = new ArrayList<>();
    private final RunProgress progress = new RunProgress();
    private final Recorder recorder = new Recorder();

    @Test
    void a_success_is_followed_by_retention_then_the_hook_then_the_news() {
        RunOutcome outcome = plan(sealed()).backup(PLAN, progress);

        assertThat(story)
                .containsExactly(
                        "before 7", "started 7", "run", "retain", "after SEALED", "warned 7 1", "ended SEALED [kept]");
        assertThat(outcome.warnings()).containsExactly(new Warning("kept", "one was kept"));
    }

    @Test
    void a_failure_removes_nothing_and_is_followed_by_the_hook_and_the_news() {
        RunOutcome outcome = plan(RunOutcome.failed(7, BackupKind.TABLES, LOST)).backup(PLAN, progress);

        assertThat(story).containsExactly("before 7", "started 7", "run", "after FAILED", "ended FAILED []");
        assertThat(outcome.failure()).isSameAs(LOST);
    }

    @Test
    void what_the_hook_refuses_is_not_begun_for_anybody_else() {
        recorder.refusal = SKIP;
        plan(ended("SKIPPED", SKIP)).backup(PLAN, progress);

        assertThat(story).containsExactly("before 7", "run", "after SKIPPED", "ended SKIPPED []");
    }

    @Test
    void a_restart_is_the_same_story() {
        plan(sealed()).restart(3, PLAN, progress);

        assertThat(story)
                .containsExactly(
                        "before 7",
                        "started 7",
                        "restart 3",
                        "retain",
                        "after SEALED",
                        "warned 7 1",
                        "ended SEALED [kept]");
    }

    @Test
    void a_run_that_could_not_begin_is_told_and_thrown_and_no_hook_runs() {
        RunPlan plan = new RunPlan(
                launch((run, before) -> {
                    throw new BackupException(Problem.LOCKED, "run 3 is running", null);
                }),
                recorder,
                recorder,
                recorder);

        assertThatThrownBy(() -> plan.restart(3, PLAN, progress)).hasMessage("run 3 is running");
        assertThat(story).containsExactly("not started: run 3 is running");
    }

    @Test
    void a_run_whose_record_was_lost_still_has_its_hook_after() {
        RunPlan plan = new RunPlan(
                launch((run, before) -> {
                    before.run(7);
                    throw new IllegalStateException("the record of runs is gone");
                }),
                recorder,
                recorder,
                recorder);

        assertThatThrownBy(() -> plan.backup(PLAN, progress)).hasMessage("the record of runs is gone");
        assertThat(story).containsExactly("before 7", "started 7", "after FAILED", "ended FAILED []");
    }

    @Test
    void a_stop_ends_the_command_that_comes_after_and_the_backup_stays_sealed() throws Exception {
        recorder.lasting = new CountDownLatch(1);
        RunPlan plan = plan(sealed());
        CompletableFuture<RunOutcome> running = CompletableFuture.supplyAsync(() -> plan.backup(PLAN, progress));
        assertThat(recorder.lasting.await(10, TimeUnit.SECONDS)).isTrue();

        plan.stop();

        RunOutcome outcome = running.get(10, TimeUnit.SECONDS);
        assertThat(outcome.isSealed()).isTrue();
        assertThat(outcome.warnings())
                .containsExactly(
                        new Warning("kept", "one was kept"),
                        new Warning("hook-stopped", "the command that comes after the backup was stopped"));
        assertThat(story).contains("stop").endsWith("ended SEALED [kept, hook-stopped]");
    }

    @Test
    void what_comes_after_a_run_that_was_stopped_may_take_its_grace_and_no_longer() throws Exception {
        recorder.lasting = new CountDownLatch(1);
        RunPlan plan = new RunPlan(
                launch((run, before) -> {
                    before.run(7);
                    return ended("STOPPED", null);
                }),
                recorder,
                recorder,
                recorder,
                Duration.ofMillis(1500));

        plan.stop();
        long asked = System.nanoTime();
        RunOutcome outcome = plan.backup(PLAN, progress);

        assertThat(Duration.ofNanos(System.nanoTime() - asked))
                .isBetween(Duration.ofSeconds(1), Duration.ofSeconds(15));
        assertThat(outcome.warnings()).extracting(Warning::code).containsExactly("hook-stopped");
    }

    private RunPlan plan(RunOutcome outcome) {
        return new RunPlan(
                launch((run, before) -> {
                    try {
                        before.run(7);
                    } catch (BackupException e) {
                        // as the engine does: a phase that fails ends the run with that failure
                        assertThat(e).isSameAs(outcome.failure());
                    }
                    story.add(run == null ? "run" : "restart " + run);
                    return outcome;
                }),
                recorder,
                recorder,
                recorder);
    }

    @FunctionalInterface
    private interface Run {
        RunOutcome run(Long restarted, BeforeBackup before) throws InterruptedException;
    }

    private LaunchRun launch(Run run) {
        return (LaunchRun) Proxy.newProxyInstance(
                RunPlanTest.class.getClassLoader(),
                new Class<?>[] {LaunchRun.class},
                (proxy, method, arguments) -> switch (method.getName()) {
                    case "backup" -> run.run(null, (BeforeBackup) arguments[1]);
                    case "restartBackup" -> run.run((Long) arguments[0], (BeforeBackup) arguments[2]);
                    case "warned" -> {
                        story.add("warned " + arguments[0] + " " + arguments[1]);
                        yield null;
                    }
                    case "stop" -> {
                        story.add("stop");
                        yield null;
                    }
                    default -> throw new AssertionError(method + " was not to be called");
                });
    }

    private static RunOutcome sealed() {
        return ended("SEALED", null);
    }

    private static RunOutcome ended(String state, BackupException failure) {
        return new RunOutcome(
                7, null, "backup", BackupKind.TABLES, state, null, null, null, Duration.ZERO, true, List.of(), failure);
    }

    /** Writes down who was called, in which order. */
    private final class Recorder implements Retain, Hooks, Notify {
        private BackupException refusal;
        private CountDownLatch lasting;

        @Override
        public List<Warning> run(BackupPlan plan, RunProgress of) {
            story.add("retain");
            return List.of(new Warning("kept", "one was kept"));
        }

        @Override
        public void before(BackupPlan plan, long run) {
            story.add("before " + run);
            if (refusal != null) {
                throw refusal;
            }
        }

        @Override
        public List<Warning> after(BackupPlan plan, RunOutcome outcome) throws InterruptedException {
            story.add("after " + outcome.state());
            if (lasting != null) {
                lasting.countDown();
                Thread.sleep(Duration.ofHours(1).toMillis());
            }
            return List.of();
        }

        @Override
        public void started(BackupPlan plan, long run) {
            story.add("started " + run);
        }

        @Override
        public void ended(BackupPlan plan, RunOutcome outcome, long first) {
            assertThat(first).isEqualTo(7);
            story.add("ended " + outcome.state() + " "
                    + outcome.warnings().stream().map(Warning::code).toList());
        }

        @Override
        public void notStarted(BackupPlan plan, String job, BackupException why) {
            assertThat(job).isEqualTo("backup");
            story.add("not started: " + why.getMessage());
        }

        @Override
        public void missed(BackupPlan plan, String text) {
            throw new AssertionError("nothing was missed");
        }

        @Override
        public void stale(BackupPlan plan, String text) {
            throw new AssertionError("nothing is stale");
        }
    }
}
