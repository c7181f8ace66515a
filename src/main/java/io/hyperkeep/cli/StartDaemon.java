package io.hyperkeep.cli;

import io.hyperkeep.config.ConfigurationSource;
import io.hyperkeep.config.ManagementSettings;
import io.hyperkeep.config.ServeConfiguration;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.net.BindException;
import java.util.Map;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.web.server.PortInUseException;

/** Starts Spring with everything that the daemon has beside the engine. */
public final class StartDaemon {
    private final String beans;

    /** @param beans name of the configuration class */
    public StartDaemon(String beans) {
        this.beans = beans;
    }

    /**
     * Starts it; the caller closes it.
     *
     * @param source the configuration, now and later
     * @param logs sets up logging, which Boot would do otherwise
     * @throws BackupException when the metadata database can not be opened, or the management port not be listened on
     */
    public Daemon start(ConfigurationSource source, LogLines logs) {
        ManagementSettings management = source.current().management();
        EngineContext.Kind kind = new EngineContext.Kind(
                beans,
                WebApplicationType.SERVLET,
                Map.of(
                        "server.address", management.address(),
                        "server.port", String.valueOf(management.port()),
                        // what can not be wired is told now, not at three in the morning
                        "spring.main.lazy-initialization", "false"),
                context -> {
                    context.registerBean(ConfigurationSource.class, () -> source);
                    AroundPlans.register(context, source::current);
                });
        try {
            EngineContext context = EngineContext.start(kind, source.current(), logs);
            return new Started(context, management, context.lasting(ServeConfiguration.class));
        } catch (RuntimeException e) {
            throw failure(management, e);
        }
    }

    private static RuntimeException failure(ManagementSettings management, RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof PortInUseException || cause instanceof BindException) {
                return new BackupException(
                        Problem.UNSUITABLE,
                        "cannot listen on " + address(management.address(), String.valueOf(management.port()))
                                + ": the address is in use, or not one of this machine",
                        "does another daemon run? management.address and management.port choose another one.",
                        e);
            }
        }
        return e;
    }

    private static String address(String host, String port) {
        return "http://" + (host.contains(":") ? "[" + host + "]" : host) + ":" + port;
    }

    private record Started(EngineContext context, ManagementSettings management, ServeConfiguration schedules)
            implements Daemon {
        @Override
        public String address() {
            return StartDaemon.address(management.address(), context.property("local.server.port"));
        }

        @Override
        public void begin() {
            schedules.begin();
        }

        @Override
        public void reload() {
            schedules.reload();
        }

        @Override
        public void end() {
            schedules.end();
        }

        @Override
        public void close() {
            context.close();
        }
    }
}
