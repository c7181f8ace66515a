package io.hyperkeep.crew;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

@Timeout(30)
class CrewTest {
    private final Queue<Integer> worked = new ConcurrentLinkedQueue<>();
    private final AtomicInteger opened = new AtomicInteger();
    private final AtomicInteger closed = new AtomicInteger();

    @Test
    void every_item_is_worked_on_once_and_every_hand_closed() {
        List<Integer> items = IntStream.range(0, 1000).boxed().toList();
        Crew.work("test", 4, items, () -> new Worker(item -> {}));
        assertThat(worked).containsExactlyInAnyOrderElementsOf(items);
        assertThat(opened.get()).isEqualTo(4);
        assertThat(closed.get()).isEqualTo(4);
    }

    @Test
    void no_items_need_no_hand() {
        Crew.work("test", 4, List.<Integer>of(), () -> new Worker(item -> {}));
        assertThat(opened.get()).isZero();
    }

    @Test
    void the_first_failure_cancels_the_others_and_is_thrown() {
        BackupException failure = new BackupException(Problem.SERVER, "it broke", null);
        assertThatThrownBy(() -> Crew.work(
                        "test",
                        2,
                        List.of(1, 2, 3, 4),
                        () -> new Worker(item -> {
                            if (item == 1) {
                                throw failure;
                            }
                        })))
                .isSameAs(failure);
        assertThat(worked.size()).isLessThan(4);
        assertThat(closed.get()).isEqualTo(opened.get());
    }

    @Test
    void a_hand_that_can_not_be_opened_is_a_failure() {
        BackupException failure = new BackupException(Problem.UNREACHABLE, "no server", null);
        assertThatThrownBy(() -> Crew.work("test", 2, List.of(1, 2), () -> {
                    throw failure;
                }))
                .isSameAs(failure);
    }

    @Test
    void an_error_in_a_worker_is_not_a_success() {
        assertThatThrownBy(() -> Crew.work(
                        "test",
                        2,
                        List.of(1, 2),
                        () -> new Worker(item -> {
                            throw new OutOfMemoryError("test");
                        })))
                .isInstanceOf(OutOfMemoryError.class);
    }

    @Test
    void an_interrupt_ends_everything_and_stays_set() throws Exception {
        CountDownLatch working = new CountDownLatch(2);
        Queue<Object> seen = new ConcurrentLinkedQueue<>();
        Thread caller = new Thread(() -> {
            try {
                Crew.work(
                        "import",
                        2,
                        List.of(1, 2),
                        () -> new Worker(item -> {
                            working.countDown();
                            new CountDownLatch(1).await();
                        }));
            } catch (BackupException e) {
                seen.add(e.problem());
                seen.add(e.text());
                seen.add(Thread.currentThread().isInterrupted());
            }
        });
        caller.start();
        assertThat(working.await(10, TimeUnit.SECONDS)).isTrue();
        caller.interrupt();
        caller.join(10_000);
        assertThat(seen).containsExactly(Problem.INTERRUPTED, "interrupted during import", true);
        assertThat(closed.get()).isEqualTo(2);
    }

    private interface Work {
        void on(int item) throws InterruptedException;
    }

    private final class Worker implements Hand<Integer> {
        private final Work work;

        Worker(Work work) {
            this.work = work;
            opened.incrementAndGet();
        }

        @Override
        public void work(Integer item) throws InterruptedException {
            work.on(item);
            worked.add(item);
        }

        @Override
        public void cancel() {
            // what these do ends by itself or by an interrupt
        }

        @Override
        public void close() {
            closed.incrementAndGet();
        }
    }
}
