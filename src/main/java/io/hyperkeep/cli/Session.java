package io.hyperkeep.cli;

import io.hyperkeep.config.ConfigLocation;
import io.hyperkeep.config.Configuration;
import io.hyperkeep.config.ConfigurationSource;
import io.hyperkeep.config.LoadConfiguration;
import io.hyperkeep.config.ReadUri;
import io.hyperkeep.config.ResolveDatabase;
import io.hyperkeep.config.ResolvePlan;
import java.util.function.BiFunction;
import org.jspecify.annotations.Nullable;

/** What one invocation shares between its parts; each thing is made when it is first asked for. Not thread-safe. */
final class Session {
    private final Surroundings surroundings;
    private final GlobalOptions global;
    private final BiFunction<Configuration, LogLines, Engine> startEngine;
    private final BiFunction<ConfigurationSource, LogLines, Daemon> startDaemon;
    private @Nullable Configuration configuration;

    /**
     * @param surroundings of the process
     * @param global options, filled in by the parser
     * @param startEngine starts Spring
     * @param startDaemon starts Spring with what the daemon needs
     */
    Session(
            Surroundings surroundings,
            GlobalOptions global,
            BiFunction<Configuration, LogLines, Engine> startEngine,
            BiFunction<ConfigurationSource, LogLines, Daemon> startDaemon) {
        this.surroundings = surroundings;
        this.global = global;
        this.startEngine = startEngine;
        this.startDaemon = startDaemon;
    }

    Surroundings surroundings() {
        return surroundings;
    }

    GlobalOptions global() {
        return global;
    }

    Results results() {
        return new Results(surroundings.out(), global.json());
    }

    /** Tells something that is neither a result nor a failure, on standard error. */
    void note(String text) {
        if (!global.quiet) {
            surroundings.screen().line(text);
        }
    }

    ReportFailure failures() {
        return new ReportFailure(surroundings.screen(), global.json(), global.verbose);
    }

    ReadUri uris() {
        return new ReadUri(surroundings.environment(), surroundings.paths().userHome());
    }

    /** The configuration; reading it fails with all of its problems. */
    Configuration configuration() {
        Configuration loaded = configuration;
        if (loaded == null) {
            loaded = load().load(location());
            configuration = loaded;
        }
        return loaded;
    }

    private LoadConfiguration load() {
        return new LoadConfiguration(surroundings.environment(), uris());
    }

    ConfigLocation location() {
        return ConfigLocation.find(global.config, surroundings.environment(), surroundings.paths());
    }

    ResolvePlan plans() {
        return new ResolvePlan(configuration(), uris());
    }

    ResolveDatabase databases() {
        return new ResolveDatabase(configuration().databases(), uris(), surroundings.paths());
    }

    /** Starts the engine; the caller closes it. */
    Engine startEngine() {
        return startEngine.apply(configuration(), logs());
    }

    /** Starts the daemon; the caller closes it. */
    Daemon startDaemon() {
        return startDaemon.apply(
                new ConfigurationSource(location(), load(), uris(), configuration()), logs().lasting());
    }

    private LogLines logs() {
        return new LogLines(surroundings.screen(), global.quiet, global.verbose);
    }
}
