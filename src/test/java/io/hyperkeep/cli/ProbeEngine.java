package io.hyperkeep.cli;

import io.hyperkeep.Hyperkeep;
import io.hyperkeep.jobs.BeforeBackup;
import io.hyperkeep.jobs.ControlRuns;
import io.hyperkeep.jobs.Hooks;
import io.hyperkeep.jobs.LaunchRun;
import io.hyperkeep.jobs.Notify;
import io.hyperkeep.jobs.PlannedRun;
import io.hyperkeep.jobs.PruneOutcome;
import io.hyperkeep.jobs.RestartableRun;
import io.hyperkeep.jobs.Retain;
import io.hyperkeep.jobs.RunOutcome;
import io.hyperkeep.jobs.RunPlan;
import io.hyperkeep.jobs.VerifyOutcome;
import io.hyperkeep.plan.BackupPlan;
import io.hyperkeep.restore.DrillRequest;
import io.hyperkeep.restore.RestoreRequest;
import io.hyperkeep.retention.PruneRequest;
import io.hyperkeep.runs.Firings;
import io.hyperkeep.runs.RunProgress;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.verify.VerifyRequest;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;
import org.springframework.jdbc.core.simple.JdbcClient;

/** The real context and metadata, with a run that lasts until it is stopped, or for ever. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
class ProbeEngine {
    /** The program, with this engine. */
    public static void main(String[] arguments) {
        StartEngine engine = new StartEngine(ProbeEngine.class.getName());
        System.exit(new CommandTree(Surroundings.ofProcess(), engine::start).run(arguments));
    }

    /** The real program's class, so that both stay alike. */
    static final Class<?> LIKE = Hyperkeep.class;

    @Bean
    RunQueries runs(JdbcClient jdbc) {
        return new RunQueries(jdbc);
    }

    @Bean
    Firings firings(JdbcClient jdbc) {
        return new Firings(jdbc, Clock.systemUTC());
    }

    @Bean
    ControlRuns control() {
        return new CommandFixture.NoOtherRuns();
    }

    @Bean
    LaunchRun launch(JdbcClient jdbc) {
        return new UntilStopped(jdbc);
    }

    @Bean
    RunPlan plans(LaunchRun launch) {
        return new RunPlan(launch, Retain.EVERYTHING, Hooks.NONE, Notify.NOBODY);
    }

    private static final class UntilStopped implements LaunchRun {
        private final JdbcClient jdbc;
        private final CountDownLatch stopped = new CountDownLatch(1);

        UntilStopped(JdbcClient jdbc) {
            this.jdbc = jdbc;
        }

        @Override
        public RunOutcome backup(BackupPlan plan, BeforeBackup before, RunProgress progress) {
            jdbc.sql("CREATE TABLE probe (state VARCHAR(20))").update();
            jdbc.sql("INSERT INTO probe VALUES ('RUNNING')").update();
            System.err.println("running");
            try {
                stopped.await();
                if ("stubborn".equals(plan.database().address().database())) {
                    Thread.sleep(Duration.ofHours(1).toMillis());
                }
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
            }
            // the point of it all: the metadata is still open after the signal
            jdbc.sql("UPDATE probe SET state = 'STOPPED'").update();
            return new RunOutcome(
                    1,
                    null,
                    "backup",
                    io.hyperkeep.plan.BackupKind.TABLES,
                    "STOPPED",
                    null,
                    null,
                    null,
                    Duration.ZERO,
                    false,
                    List.of(),
                    null);
        }

        @Override
        public RunOutcome restore(RestoreRequest request, RunProgress progress) {
            throw new UnsupportedOperationException();
        }

        @Override
        public RunOutcome drill(DrillRequest request, RunProgress progress) {
            throw new UnsupportedOperationException();
        }

        @Override
        public RunOutcome restartDrill(long run, DrillRequest request, RunProgress progress) {
            throw new UnsupportedOperationException();
        }

        @Override
        public PruneOutcome prune(PruneRequest request, RunProgress progress) {
            throw new UnsupportedOperationException();
        }

        @Override
        public PruneOutcome restartPrune(long run, PruneRequest request, RunProgress progress) {
            throw new UnsupportedOperationException();
        }

        @Override
        public VerifyOutcome verify(VerifyRequest request, RunProgress progress) {
            throw new UnsupportedOperationException();
        }

        @Override
        public VerifyOutcome restartVerify(long run, VerifyRequest request, RunProgress progress) {
            throw new UnsupportedOperationException();
        }

        @Override
        public RestartableRun restartable(long run) {
            throw new UnsupportedOperationException();
        }

        @Override
        public RunOutcome restartBackup(long run, BackupPlan plan, BeforeBackup before, RunProgress progress) {
            throw new UnsupportedOperationException();
        }

        @Override
        public RunOutcome restartRestore(long run, RestoreRequest request, RunProgress progress) {
            throw new UnsupportedOperationException();
        }

        @Override
        public PlannedRun planBackup(BackupPlan plan) {
            return new PlannedRun(List.of(), 0, List.of(), List.of(), List.of());
        }

        @Override
        public PlannedRun planRestore(RestoreRequest request) {
            return new PlannedRun(List.of(), 0, List.of(), List.of(), List.of());
        }

        @Override
        public void warned(long run, int warnings) {}

        @Override
        public void stop() {
            stopped.countDown();
        }
    }
}
