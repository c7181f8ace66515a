package io.hyperkeep.config;

/**
 * The configuration of a process that lasts: read at its start, and again whenever somebody asks for it. Thread-safe.
 */
public final class ConfigurationSource {
    private final ConfigLocation location;
    private final LoadConfiguration load;
    private final ReadUri uris;
    private volatile Configuration current;

    /**
     * @param location where the file is
     * @param load reads it
     * @param uris reads URIs of databases
     * @param current what was read at the start
     */
    public ConfigurationSource(ConfigLocation location, LoadConfiguration load, ReadUri uris, Configuration current) {
        this.location = location;
        this.load = load;
        this.uris = uris;
        this.current = current;
    }

    /** The one that is in force. */
    public Configuration current() {
        return current;
    }

    /** Reads URIs as this process does. */
    public ReadUri uris() {
        return uris;
    }

    /**
     * Reads the file anew; the one in force stays in force.
     *
     * @throws io.hyperkeep.problem.BackupException with everything that is wrong with it
     */
    public Configuration read() {
        return load.load(location);
    }

    /** Puts a configuration in force. */
    public void use(Configuration read) {
        this.current = read;
    }
}
