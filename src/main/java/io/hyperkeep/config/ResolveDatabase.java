package io.hyperkeep.config;

import io.hyperkeep.database.DatabaseAddress;
import io.hyperkeep.database.DatabaseSettings;
import io.hyperkeep.database.PasswordSource;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** Turns a configured name or a URI into the settings of a database. Thread-safe. */
public final class ResolveDatabase {
    private final Map<String, ConfiguredDatabase> configured;
    private final ReadUri uris;
    private final Paths paths;

    /**
     * @param configured databases that can be named
     * @param uris reads URIs
     * @param paths resolves the paths of flags and the environment
     */
    public ResolveDatabase(Map<String, ConfiguredDatabase> configured, ReadUri uris, Paths paths) {
        this.configured = configured;
        this.uris = uris;
        this.paths = paths;
    }

    /**
     * The database that is meant.
     *
     * @param reference a configured name or a URI
     * @param access what the command line and the environment say about its password and client programs
     * @throws io.hyperkeep.problem.BackupException with everything that is wrong with them
     */
    public DatabaseSettings resolve(Given reference, DatabaseAccess access) {
        ConfigProblems problems = new ConfigProblems();
        DatabaseSettings settings = resolve(reference, access, problems);
        problems.throwIfAny();
        return java.util.Objects.requireNonNull(settings);
    }

    @Nullable
    DatabaseSettings resolve(Given reference, DatabaseAccess access, ConfigProblems problems) {
        DatabaseSettings base = base(reference, problems);
        return reach(base, access, problems);
    }

    /**
     * A database of which the settings are known, reached as the command line and the environment say.
     *
     * @throws io.hyperkeep.problem.BackupException with everything that is wrong with them
     */
    public DatabaseSettings reach(DatabaseSettings known, DatabaseAccess access) {
        ConfigProblems problems = new ConfigProblems();
        DatabaseSettings settings = reach(known, access, problems);
        problems.throwIfAny();
        return java.util.Objects.requireNonNull(settings);
    }

    private @Nullable DatabaseSettings reach(
            @Nullable DatabaseSettings base, DatabaseAccess access, ConfigProblems problems) {
        PasswordSource password = password(access.passwordFile(), access.passwordCommand(), paths, problems);
        Path clientTools = path(access.clientTools(), paths, problems);
        if (base == null) {
            return null;
        }
        return new DatabaseSettings(
                base.name(),
                base.address(),
                password.equals(PasswordSource.LIBPQ) ? base.password() : password,
                clientTools == null ? base.clientTools() : clientTools);
    }

    private @Nullable DatabaseSettings base(Given reference, ConfigProblems problems) {
        String text = reference.text();
        ConfiguredDatabase database = configured.get(text);
        if (database != null) {
            return database.settings();
        }
        if (text.indexOf(':') < 0) {
            problems.add(
                    reference,
                    "there is no database '" + text + "' in the configuration"
                            + (ClosestName.to(text, configured.keySet()).isPresent()
                                    ? ClosestName.question(text, configured.keySet())
                                    : "; a URI begins with postgresql://"));
            return null;
        }
        DatabaseAddress address = uris.read(reference, problems);
        return address == null ? null : new DatabaseSettings(address.database(), address, PasswordSource.LIBPQ, null);
    }

    static PasswordSource password(
            @Nullable Given file, @Nullable Given command, Paths paths, ConfigProblems problems) {
        if (file != null && command != null) {
            problems.add(command, "a password comes from a file or from a command, not from both");
            return PasswordSource.LIBPQ;
        }
        if (command != null) {
            // one text is for a shell, as in cron; a list is run as it is
            return new PasswordSource(
                    null, command.list() ? command.texts() : List.of("/bin/sh", "-c", command.text()));
        }
        Path path = path(file, paths, problems);
        return path == null ? PasswordSource.LIBPQ : new PasswordSource(path, null);
    }

    static @Nullable Path path(@Nullable Given given, Paths paths, ConfigProblems problems) {
        if (given == null) {
            return null;
        }
        try {
            return paths.resolve(given.text());
        } catch (java.nio.file.InvalidPathException e) {
            problems.add(given, "this can not be a path");
            return null;
        }
    }
}
