package io.hyperkeep.hooks;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.hyperkeep.fixtures.SomePlan;
import io.hyperkeep.manifest.Warning;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class RunHooksTest {
    private static final BackupPlan PLAN = SomePlan.named("nightly");

    @TempDir
    Path folder;

    private Duration timeout = Duration.ofSeconds(30);

    @Test
    void the_hook_before_is_told_what_is_going_to_be_backed_up_and_no_password() throws Exception {
        RunHooks hooks = hooks("env | grep -E '^(HYPERKEEP|PGPASSWORD|KEPT)' | sort > " + folder + "/seen", null);
        hooks.before(PLAN, 7);
        assertThat(Files.readAllLines(folder.resolve("seen")))
                .containsExactly(
                        "HYPERKEEP_DATABASE=metrics",
                        "HYPERKEEP_HOOK=before",
                        "HYPERKEEP_PLAN=nightly",
                        "HYPERKEEP_REPOSITORY=/backups",
                        "HYPERKEEP_RUN=7",
                        "KEPT=as it was");
    }

    @Test
    void the_hook_after_is_told_how_it_ended() throws Exception {
        RunHooks hooks = hooks(null, "env | grep ^HYPERKEEP | sort > " + folder + "/seen");
        assertThat(hooks.after(PLAN, SomePlan.sealed(7))).isEmpty();
        assertThat(Files.readAllLines(folder.resolve("seen")))
                .containsExactly(
                        "HYPERKEEP_BACKUP=/backups/metrics/backups/20261122T021500Z",
                        "HYPERKEEP_BYTES=400",
                        "HYPERKEEP_DATABASE=metrics",
                        "HYPERKEEP_FAILURE=",
                        "HYPERKEEP_HOOK=after",
                        "HYPERKEEP_PLAN=nightly",
                        "HYPERKEEP_REPOSITORY=/backups",
                        "HYPERKEEP_ROWS=58",
                        "HYPERKEEP_RUN=7",
                        "HYPERKEEP_SECONDS=12",
                        "HYPERKEEP_STATE=SEALED",
                        "HYPERKEEP_WARNINGS=0");

        hooks.after(PLAN, SomePlan.unmade(8, "FAILED", SomePlan.FAILURE));
        assertThat(Files.readAllLines(folder.resolve("seen")))
                .contains(
                        "HYPERKEEP_STATE=FAILED",
                        "HYPERKEEP_FAILURE=the connection broke",
                        "HYPERKEEP_BACKUP=",
                        "HYPERKEEP_ROWS=",
                        "HYPERKEEP_RUN=8");
    }

    @Test
    void exit_code_75_skips_the_backup_in_the_hooks_words() {
        BackupException skipped = refused(hooks("echo 'this is the standby' >&2; exit 75", null));
        assertThat(skipped.problem()).isEqualTo(Problem.SKIPPED);
        assertThat(skipped.problem().exitCode()).isEqualTo(75);
        assertThat(skipped.text())
                .isEqualTo(
                        "the hook before of plan 'nightly' says that there is to be no backup this time: this is the standby");
    }

    @Test
    void any_other_exit_code_fails_the_backup_with_the_last_lines() {
        BackupException failed = refused(hooks("for i in 1 2 3 4; do echo line $i >&2; done; exit 3", null));
        assertThat(failed.problem()).isEqualTo(Problem.HOOK);
        assertThat(failed.text()).isEqualTo("""
                        the hook before of plan 'nightly' failed with exit code 3: line 2 line 3 line 4
                        HINT: nothing was backed up; run it by hand, as this user, to see why.""");
    }

    @Test
    void a_program_that_is_not_there_fails_the_backup() {
        RunHooks hooks = new RunHooks(
                plan -> new HookSettings(List.of("/nonexistent/freeze", "s3cret"), null, timeout), Map.of());
        assertThat(refused(hooks).text()).isEqualTo("""
                        the hook before of plan 'nightly' can not be started: Cannot run program "/nonexistent/freeze": error=2, No such file or directory
                        HINT: nothing was backed up; run it by hand, as this user, to see why.""");
    }

    @Test
    void a_hook_that_hangs_is_ended_with_its_children_and_grandchildren() throws Exception {
        timeout = Duration.ofSeconds(1);
        RunHooks hooks = hooks(
                "sh -c 'sleep 1000 & echo $! > grandchild; wait' & echo $! > child; sleep 1000"
                        .replace("> ", "> " + folder + "/"),
                null);
        Instant began = Instant.now();
        BackupException failed = refused(hooks);
        assertThat(failed.text()).isEqualTo("""
                        the hook before of plan 'nightly' did not end within 1 seconds and was stopped, with all that it had started
                        HINT: nothing was backed up; run it by hand, as this user, to see why.""");
        assertThat(Duration.between(began, Instant.now())).isLessThan(Duration.ofSeconds(10));
        assertGone("child");
        assertGone("grandchild");
    }

    @Test
    void one_that_does_not_listen_to_a_polite_signal_is_killed() throws Exception {
        timeout = Duration.ofSeconds(1);
        RunHooks hooks = hooks(
                "trap '' TERM; sh -c \"trap '' TERM; echo \\$\\$ > " + folder + "/child; while :; do sleep 1; done\"",
                null);
        assertThat(refused(hooks).getMessage()).contains("was stopped, with all that it had started");
        assertGone("child");
    }

    @Test
    void an_interrupt_ends_it() throws Exception {
        RunHooks hooks = hooks("echo $$ > " + folder + "/child; sleep 1000", null);
        AtomicReference<Throwable> thrown = new AtomicReference<>();
        Thread thread = new Thread(() -> {
            try {
                hooks.before(PLAN, 7);
            } catch (Throwable e) {
                thrown.set(e);
            }
        });
        thread.start();
        Awaitility.await()
                .atMost(20, TimeUnit.SECONDS)
                .until(() -> Files.exists(folder.resolve("child"))
                        && !Files.readString(folder.resolve("child")).isEmpty());
        thread.interrupt();
        thread.join(20_000);
        assertThat(thrown.get()).isInstanceOf(InterruptedException.class);
        assertGone("child");
    }

    @Test
    void a_hook_after_that_fails_hangs_or_is_not_there_is_a_warning() throws Exception {
        assertThat(hooks(null, "echo disk full >&2; exit 1").after(PLAN, SomePlan.sealed(7)))
                .containsExactly(new Warning(
                        "hook-failed", "the hook after of plan 'nightly' failed with exit code 1: disk full"));
        timeout = Duration.ofSeconds(1);
        assertThat(hooks(null, "sleep 1000").after(PLAN, SomePlan.sealed(7)))
                .containsExactly(
                        new Warning(
                                "hook-failed",
                                "the hook after of plan 'nightly' did not end within 1 seconds and was stopped, with all that it had started"));
    }

    @Test
    void a_hook_that_prints_without_end_needs_no_memory_for_it() throws Exception {
        assertThat(hooks(
                                null,
                                "head -c 300000000 /dev/zero | tr '\\0' 'x'; head -c 10000000 /dev/zero | tr '\\0' '\\n' >&2")
                        .after(PLAN, SomePlan.sealed(7)))
                .isEmpty();
    }

    private BackupException refused(RunHooks hooks) {
        return catchThrowableOfType(BackupException.class, () -> hooks.before(PLAN, 7));
    }

    private RunHooks hooks(String before, String after) {
        return new RunHooks(
                plan -> new HookSettings(shell(before), shell(after), timeout),
                Map.of("PATH", System.getenv("PATH"), "PGPASSWORD", "s3cret", "KEPT", "as it was"));
    }

    private static List<String> shell(String text) {
        return text == null ? null : List.of("/bin/sh", "-c", text);
    }

    private void assertGone(String file) throws IOException {
        long pid = Long.parseLong(Files.readString(folder.resolve(file)).strip());
        Awaitility.await().atMost(10, TimeUnit.SECONDS).until(() -> ProcessHandle.of(pid)
                .filter(ProcessHandle::isAlive)
                .isEmpty());
    }
}
