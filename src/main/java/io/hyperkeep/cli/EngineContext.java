package io.hyperkeep.cli;

import io.hyperkeep.cli.MetadataFile.Turn;
import io.hyperkeep.config.Configuration;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.SQLException;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Consumer;
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

/** A Spring context with the metadata database and the engine's beans, of a command or of the daemon. */
final class EngineContext implements AutoCloseable {
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

    private final ConfigurableApplicationContext context;
    private final Configuration configuration;
    private final MetadataFile file;
    private final Turn turn;

    private EngineContext(
            ConfigurableApplicationContext context, Configuration configuration, MetadataFile file, Turn turn) {
        this.context = context;
        this.configuration = configuration;
        this.file = file;
        this.turn = turn;
    }

    /**
     * What is special of a context.
     *
     * @param beans name of the configuration class; by name, so that commands without an engine load nothing of Spring
     * @param web whether it answers over HTTP
     * @param properties further than those of every context
     * @param more adds beans before the context starts
     */
    record Kind(
            String beans,
            WebApplicationType web,
            Map<String, Object> properties,
            Consumer<GenericApplicationContext> more) {}

    /**
     * Starts one; the caller closes it.
     *
     * @param logs sets up logging, which Boot would do otherwise
     * @throws BackupException when the metadata database can not be opened
     */
    static EngineContext start(Kind kind, Configuration configuration, LogLines logs) {
        logs.begin(configuration.logging());
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        // the port through which other hyperkeep processes of this machine share the metadata is not for the network
        System.setProperty("h2.bindAddress", "127.0.0.1");
        // a connection that another process served is looked at before each use, not only after a pause
        System.setProperty("com.zaxxer.hikari.aliveBypassWindowMs", "0");
        MetadataFile file = new MetadataFile(configuration);
        EngineContext started = null;
        Turn turn = file.take();
        try {
            started = new EngineContext(context(kind, configuration, file.open()), configuration, file, turn);
            return started;
        } catch (RuntimeException e) {
            throw failure(configuration, e);
        } finally {
            if (started == null) {
                turn.close();
            }
        }
    }

    private static ConfigurableApplicationContext context(Kind kind, Configuration configuration, DataSource metadata) {
        Map<String, Object> properties = new HashMap<>(PROPERTIES);
        properties.putAll(kind.properties());
        ConfigurableApplicationContext context = new SpringApplicationBuilder(byName(kind.beans()))
                .web(kind.web())
                .bannerMode(Banner.Mode.OFF)
                .logStartupInfo(false)
                .registerShutdownHook(false)
                .addCommandLineProperties(false)
                .environment(new OwnEnvironment(properties))
                .initializers(started -> {
                    GenericApplicationContext beans = (GenericApplicationContext) started;
                    beans.registerBean(Configuration.class, () -> configuration);
                    beans.registerBean(DataSource.class, () -> metadata);
                    kind.more().accept(beans);
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

    private static Class<?> byName(String beans) {
        try {
            return Class.forName(beans);
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
        OwnEnvironment(Map<String, Object> properties) {
            super(new MutablePropertySources());
            getPropertySources().addLast(new MapPropertySource("hyperkeep", properties));
        }

        @Override
        protected void customizePropertySources(MutablePropertySources sources) {}
    }

    /** A bean for work that may last: from now on other processes may open and close the metadata's file. */
    <T> T lasting(Class<T> type) {
        T bean = bean(type);
        turn.close();
        return bean;
    }

    /** A bean. */
    <T> T bean(Class<T> type) {
        try {
            return context.getBean(type);
        } catch (BeansException e) {
            throw failure(configuration, e);
        }
    }

    /** A property that the context set itself. */
    String property(String name) {
        return context.getEnvironment().getRequiredProperty(name);
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
