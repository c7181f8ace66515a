package io.hyperkeep.cli;

import io.hyperkeep.cli.DaemonSignals.Request;
import io.hyperkeep.config.LoggingSettings;
import io.hyperkeep.problem.BackupException;
import java.util.concurrent.Callable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import picocli.CommandLine.Command;

/** {@code serve}: the daemon, until it is asked to stop. */
@Command(
        name = "serve",
        description = "Run the daemon: fire schedules and answer on the management port, until stopped.")
final class ServeCommand implements Callable<Integer> {
    private static final Logger log = LoggerFactory.getLogger(ServeCommand.class);

    private final Session session;

    ServeCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Screen screen = session.surroundings().screen();
        NotifySystemd systemd = new NotifySystemd(session.surroundings().environment());
        try (DaemonSignals signals = new DaemonSignals(screen);
                Daemon daemon = session.startDaemon()) {
            daemon.begin();
            String ready = "serving on " + daemon.address();
            tell(screen, ready);
            systemd.ready(ready);
            while (signals.await() == Request.RELOAD) {
                reload(daemon, screen);
            }
            systemd.stopping();
            tell(screen, "stopping; once more ends it at once");
            daemon.end();
        }
        return 0;
    }

    /** A bad configuration is told; the daemon goes on with the one that it has. */
    private void reload(Daemon daemon, Screen screen) {
        try {
            daemon.reload();
            tell(screen, "the configuration was read anew");
        } catch (BackupException e) {
            session.failures().report(e);
        }
    }

    /** Where a program reads the log, it reads this there too. */
    private void tell(Screen screen, String text) {
        if (session.configuration().logging().format() == LoggingSettings.Format.JSON) {
            log.info(text);
        } else {
            screen.line("hyperkeep: " + text);
        }
    }
}
