package io.hyperkeep.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.runs.RunProgress;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.time.Clock;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneId;
import java.time.ZoneOffset;
import org.junit.jupiter.api.Test;

class ProgressLineTest {
    private final RunProgress progress = new RunProgress();
    private final StringWriter err = new StringWriter();
    private final SettableClock clock = new SettableClock();

    @Test
    void on_a_terminal_one_line_is_drawn_again_and_log_lines_go_above_it() {
        Screen screen = new Screen(new PrintWriter(err), true);
        ProgressLine line = new ProgressLine(progress, screen, clock);
        progress.enter("discover");
        line.tick();
        line.tick();
        progress.enter("export");
        progress.expect(40, 1000);
        line.tick();
        clock.pass(Duration.ofSeconds(2));
        progress.moved(2_000_000, 300L << 20);
        progress.unitDone(250);
        line.tick();
        screen.line("a warning");
        line.end();

        assertThat(err.toString().replace("\r\u001b[K", "<"))
                .isEqualTo("<discover"
                        + "<export  0/40 units  0 rows  0/s  0 B  0%"
                        + "<export  1/40 units  2,000,000 rows  1,000,000/s  300.0 MiB  25%  ETA 6.0s"
                        + "<a warning\nexport  1/40 units  2,000,000 rows  1,000,000/s  300.0 MiB  25%  ETA 6.0s<");
    }

    @Test
    void without_a_terminal_there_is_a_line_every_ten_seconds() {
        ProgressLine line = new ProgressLine(progress, new Screen(new PrintWriter(err), false), clock);
        progress.enter("export");
        progress.expect(1, 100);
        for (int second = 0; second < 25; second++) {
            clock.pass(Duration.ofSeconds(1));
            progress.moved(10, 1024);
            line.tick();
        }
        line.end();

        assertThat(err).hasToString("""
                export  0/1 unit  100 rows  10/s  10.0 KiB  0%
                export  0/1 unit  200 rows  10/s  20.0 KiB  0%
                """);
    }

    @Test
    void the_rate_is_that_of_the_last_seconds_so_that_a_stall_shows() {
        ProgressLine line = new ProgressLine(progress, new Screen(new PrintWriter(err), false), clock);
        progress.enter("export");
        progress.expect(2, 0);
        for (int second = 0; second < 30; second++) {
            clock.pass(Duration.ofSeconds(1));
            progress.moved(second < 10 ? 100 : 0, 0);
            line.tick();
        }

        assertThat(err.toString().lines())
                .containsExactly(
                        "export  0/2 units  1,000 rows  100/s  0 B",
                        "export  0/2 units  1,000 rows  0/s  0 B",
                        "export  0/2 units  1,000 rows  0/s  0 B");
    }

    @Test
    void a_line_never_wraps() {
        ProgressLine line = new ProgressLine(progress, new Screen(new PrintWriter(err), true), clock);
        progress.enter("a phase with a very long name that leaves no room for the rest of the line at all");
        progress.expect(1, 1);
        line.tick();

        assertThat(err.toString().replace("\r\u001b[K", "")).hasSize(79);
    }

    /** A clock that moves when it is told to. */
    private static final class SettableClock extends Clock {
        private Instant now = Instant.parse("2026-11-22T02:15:00Z");

        void pass(Duration duration) {
            now = now.plus(duration);
        }

        @Override
        public Instant instant() {
            return now;
        }

        @Override
        public ZoneId getZone() {
            return ZoneOffset.UTC;
        }

        @Override
        public Clock withZone(ZoneId zone) {
            return this;
        }
    }
}
