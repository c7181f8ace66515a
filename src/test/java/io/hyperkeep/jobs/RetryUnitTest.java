package io.hyperkeep.jobs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.runs.RunRecords;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class RetryUnitTest {
    private static final BackupException PASSING =
            new BackupException(Problem.UNREACHABLE, "the server restarts", "wait", null, true);
    private static final BackupException PERMANENT = new BackupException(Problem.STORAGE, "no space left", "make room");

    private final RetryUnit retry = new RetryUnit(Duration.ofMillis(1));
    private final Attempt attempt = attempt();
    private final List<Integer> tries = new ArrayList<>();

    @Test
    void what_passes_is_tried_again() throws Exception {
        String rows = retry.run(attempt, "unit", number -> {
            tries.add(number);
            if (number < 3) {
                throw PASSING;
            }
            return "rows";
        });
        assertThat(rows).isEqualTo("rows");
        assertThat(tries).containsExactly(1, 2, 3);
        assertThat(attempt.failure()).isNull();
    }

    @Test
    void what_stays_fails_at_once_and_leaves_the_other_units_alone() {
        assertThatThrownBy(() -> fail(PERMANENT)).isSameAs(PERMANENT);
        assertThat(tries).containsExactly(1);
        assertThat(attempt.aborted()).isNull();
    }

    @Test
    void a_permanent_failure_ends_the_tries_for_a_passing_one() {
        assertThatThrownBy(() -> retry.run(attempt, "unit", number -> {
                    tries.add(number);
                    throw number == 1 ? PASSING : PERMANENT;
                }))
                .isSameAs(PERMANENT);
        assertThat(tries).containsExactly(1, 2);
    }

    @Test
    void the_last_failure_is_told_and_ends_the_attempt() {
        assertThatThrownBy(() -> fail(PASSING)).isSameAs(PASSING);
        assertThat(tries).containsExactly(1, 2, 3, 4, 5);
        assertThat(attempt.aborted()).isSameAs(PASSING);
        assertThat(attempt.failure()).isSameAs(PASSING);
    }

    @Test
    void a_defect_is_not_tried_again() {
        IllegalStateException defect = new IllegalStateException("defect");
        assertThatThrownBy(() -> fail(defect)).isSameAs(defect);
        assertThat(tries).containsExactly(1);
    }

    @Test
    void nothing_is_tried_again_in_an_attempt_that_is_over() {
        attempt.abort(PERMANENT);
        assertThatThrownBy(() -> fail(PASSING)).isSameAs(PASSING);
        assertThat(tries).containsExactly(1);
        assertThat(attempt.failure()).isSameAs(PERMANENT);
    }

    @Test
    void a_stop_ends_the_wait_at_once() throws Exception {
        RetryUnit patient = new RetryUnit(Duration.ofHours(1));
        CountDownLatch failing = new CountDownLatch(1);
        FutureTask<Object> running = new FutureTask<>(() -> patient.run(attempt, "unit", number -> {
            tries.add(number);
            failing.countDown();
            throw PASSING;
        }));
        Thread thread = new Thread(running);
        thread.start();
        assertThat(failing.await(10, TimeUnit.SECONDS)).isTrue();
        attempt.stop();
        assertThatThrownBy(() -> running.get(10, TimeUnit.SECONDS)).hasCauseInstanceOf(Exception.class);
        assertThat(tries).containsExactly(1);
        attempt.close();
    }

    private void fail(RuntimeException why) throws Exception {
        retry.run(attempt, "unit", number -> {
            tries.add(number);
            throw why;
        });
    }

    private static Attempt attempt() {
        return new Attempt(new RunProgress(), null) {
            @Override
            RunRecords.Begin record() {
                throw new AssertionError("nothing is recorded here");
            }

            @Override
            void cancel() {
                // there is no server to cancel anything at
            }

            @Override
            void cutOff() {
                // there is no connection either
            }
        };
    }
}
