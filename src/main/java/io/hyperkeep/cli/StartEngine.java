package io.hyperkeep.cli;

import io.hyperkeep.cli.MetadataFile.Turn;
import io.hyperkeep.config.Configuration;
import io.hyperkeep.jobs.ControlRuns;
import io.hyperkeep.jobs.LaunchRun;
import io.hyperkeep.jobs.RunPlan;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunQueries;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.springframework.beans.BeansException;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
import org.springframework.boot.flyway.autoconfigure.FlywayMigrationInitializer;
import org.springframework.context.ConfigurableApplicationContext;
import org.springframework.context.support.GenericApplicationContext;
import org.springframework.core.env.MapPropertySource;
import org.springframework.core.env.MutablePropertySources;
import org.springframework.core.env.StandardEnvironment;

/** Starts Spring with the metadata database and the engine's beans; used by commands that need runs, and by no other. */
public final class StartEngine {
    private static final Map<String, Object> PROPERTIES = Map.ofEntries(
            Map.entry("spring.batch.job.enabled", "false"),
            // with serializable, PostgreSQL refuses launches of different runs at the same moment
            Map.entry("spring.batch.jdbc.isolation-level-for-create", "read_committed"),
            Map.entry("spring.batch.jdbc.initialize-schema", "never"),
            Map.entry("spring.flyway.locations", "classpath:db/migration/{vendor}"),
            Map.entry("spring.main.lazy-initialization", "true"),
            // Boot would read an application.yml of the current folder
            Map.entry("spring.config.location", "optional:classpath:/io/hyperkeep/none/"),
            // must exceed the time that a cancelled copy needs to end
            Map.entry("spring.lifecycle.timeout-per-shutdown-phase", "90s"));

    private final String engine;

    /**
     * @param engine name of the configuration class with the engine's beans: a {@link LaunchRun}, a {@link ControlRuns}
     *     and a {@link RunQueries}
     */
    public StartEngine(String engine) {
        this.engine = engine;
    }

    /**
     * Starts it; the caller closes it.
     *
     * @param configuration what is configured
     * @param logs sets up logging, which Boot would do otherwise
     * @throws BackupException when the metadata database can not be opened
     */
    public Engine start(Configuration configuration, LogLines logs) {
        logs.begin(configuration.logging());
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        // the port through which other hyperkeep processes of this machine share the metadata is not for the network
        System.setProperty("h2.bindAddress", "127.0.0.1");
        // a connection that another process served is looked at before each use, not only after a pause
        System.setProperty("com.zaxxer.hikari.aliveBypassWindowMs", "0");
        MetadataFile file = new MetadataFile(configuration);
        Started engine = null;
        Turn turn = file.take();
        try {
            engine = new Started(context(configuration, file.open()), configuration, file, turn);
            return engine;
        } catch (RuntimeException e) {
            throw failure(configuration, e);
        } finally {
            if (engine == null) {
                turn.close();
            }
        }
    }

    private ConfigurableApplicationContext context(Configuration configuration, DataSource metadata) {
        ConfigurableApplicationContext context = new SpringApplicationBuilder(engineClass())
                .web(WebApplicationType.NONE)
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .registerShutdownHook(false)
                .addCommandLineProperties(false)
                .environment(new OwnEnvironment())
                .initializers(started -> {
                    GenericApplicationContext beans = (GenericApplicationContext) started;
                    beans.registerBean(Configuration.class, () -> configuration);
                    beans.registerBean(DataSource.class, () -> metadata);
                })
                .run();
        boolean migrated = false;
        try {
            // beans are made when they are asked for, but the tables have to be there before anybody else opens them
            context.getBean(FlywayMigrationInitializer.class);
            migrated = true;
            return context;
        } finally {
            if (!migrated) {
                context.close();
            }
        }
    }

    /** By name, so that commands without an engine load nothing of Spring. */
    private Class<?> engineClass() {
        try {
            return Class.forName(engine);
        } catch (ClassNotFoundException e) {
            throw new IllegalStateException("the engine is not in this build", e);
        }
    }

    private static RuntimeException failure(Configuration configuration, RuntimeException e) {
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof BackupException known) {
                return known;
            }
        }
        SQLException last = null;
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            last = cause instanceof SQLException sql ? sql : last;
        }
        if (last == null) {
            return e;
        }
        String url = configuration.metadata().url();
        return new BackupException(
                Problem.STORAGE,
                "cannot open the record of runs in "
                        + (url == null ? configuration.home().resolve("metadata.mv.db") : url) + ": "
                        + last.getMessage(),
                url == null
                        ? "does the user that runs hyperkeep own that file, and is there space?"
                        : "check metadata.url, metadata.user and metadata.password-file.",
                e);
    }

    /** Nothing but our own properties: variables such as SPRING_DATASOURCE_URL are meant for other programs. */
    private static final class OwnEnvironment extends StandardEnvironment {
        @Override
        protected void customizePropertySources(MutablePropertySources sources) {
            sources.addLast(new MapPropertySource("hyperkeep", PROPERTIES));
        }
    }

    /** @param turn given back as soon as something is asked for that may last */
    private record Started(
            ConfigurableApplicationContext context, Configuration configuration, MetadataFile file, Turn turn)
            implements Engine {
        @Override
        public LaunchRun launch() {
            return lasting(LaunchRun.class);
        }

        @Override
        public RunPlan plans() {
            return lasting(RunPlan.class);
        }

        @Override
        public ControlRuns control() {
            return lasting(ControlRuns.class);
        }

        @Override
        public RunQueries runs() {
            return bean(RunQueries.class);
        }

        private <T> T lasting(Class<T> type) {
            T bean = bean(type);
            turn.close();
            return bean;
        }

        private <T> T bean(Class<T> type) {
            try {
                return context.getBean(type);
            } catch (BeansException e) {
                throw failure(configuration, e);
            }
        }

        @Override
        public void close() {
            turn.close();
            Turn closing = file.takeIfPossible();
            try {
                context.close();
            } finally {
                closing.close();
            }
        }
    }
}
