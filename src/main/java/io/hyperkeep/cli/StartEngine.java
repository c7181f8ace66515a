package io.hyperkeep.cli;

import com.zaxxer.hikari.HikariConfig;
import com.zaxxer.hikari.HikariDataSource;
import io.hyperkeep.config.Configuration;
import io.hyperkeep.config.MetadataSettings;
import io.hyperkeep.jobs.ControlRuns;
import io.hyperkeep.jobs.LaunchRun;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import io.hyperkeep.runs.RunQueries;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.Map;
import javax.sql.DataSource;
import org.jspecify.annotations.Nullable;
import org.springframework.beans.BeansException;
import org.springframework.boot.Banner;
import org.springframework.boot.WebApplicationType;
import org.springframework.boot.builder.SpringApplicationBuilder;
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
        logs.begin();
        System.setProperty("org.springframework.boot.logging.LoggingSystem", "none");
        // the port through which other hyperkeep processes of this machine share the metadata is not for the network
        System.setProperty("h2.bindAddress", "127.0.0.1");
        try {
            DataSource metadata = metadata(configuration);
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
            return new Started(context, configuration);
        } catch (RuntimeException e) {
            throw failure(configuration, e);
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

    private static DataSource metadata(Configuration configuration) {
        MetadataSettings settings = configuration.metadata();
        HikariConfig pool = new HikariConfig();
        pool.setPoolName("metadata");
        pool.setMaximumPoolSize(10);
        pool.setMinimumIdle(1);
        if (settings.url() == null) {
            Path home = createPrivate(configuration.home());
            // H2 takes a colon-free absolute path; the name of the file is H2's: metadata.mv.db. By default it would
            // write a commit half a second later, and a killed process would have sealed what no record tells of
            pool.setJdbcUrl("jdbc:h2:file:" + home.resolve("metadata") + ";AUTO_SERVER=TRUE;WRITE_DELAY=0");
            pool.setUsername("hyperkeep");
            pool.setPassword("");
        } else {
            pool.setJdbcUrl(settings.url());
            pool.setUsername(settings.user());
            pool.setPassword(password(settings.passwordFile()));
            pool.addDataSourceProperty("ApplicationName", "hyperkeep/metadata");
        }
        // now or never: a failure is told before Spring adds its own words to it
        pool.setInitializationFailTimeout(1);
        pool.setConnectionTimeout(10_000);
        return new HikariDataSource(pool);
    }

    private static @Nullable String password(@Nullable Path file) {
        if (file == null) {
            return null;
        }
        try (var lines = Files.lines(file)) {
            return lines.findFirst().orElse("");
        } catch (IOException e) {
            throw StorageErrors.reading(file.toString(), e);
        }
    }

    private static Path createPrivate(Path home) {
        try {
            if (!Files.isDirectory(home)) {
                Path parent = home.getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                Files.createDirectories(
                        home, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
            }
            return home;
        } catch (IOException e) {
            throw StorageErrors.writing(home.toString(), e);
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

    private record Started(ConfigurableApplicationContext context, Configuration configuration) implements Engine {
        @Override
        public LaunchRun launch() {
            return bean(LaunchRun.class);
        }

        @Override
        public ControlRuns control() {
            return bean(ControlRuns.class);
        }

        @Override
        public RunQueries runs() {
            return bean(RunQueries.class);
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
            context.close();
        }
    }
}
