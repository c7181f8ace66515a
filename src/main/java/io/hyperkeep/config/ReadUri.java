package io.hyperkeep.config;

import io.hyperkeep.database.DatabaseAddress;
import io.hyperkeep.problem.BackupException;
import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Reads URIs of databases and notes what is wrong with them.
 *
 * @param environment stands in for what URIs leave out, as with libpq
 * @param userHome what {@code ~/} stands for in files that URIs name
 */
public record ReadUri(Map<String, String> environment, Path userHome) {
    public ReadUri {
        environment = Map.copyOf(environment);
    }

    @Nullable
    DatabaseAddress read(Given uri, ConfigProblems problems) {
        try {
            return DatabaseAddress.parse(uri.text(), environment, userHome);
        } catch (BackupException e) {
            // its texts never repeat the URI, which may hold a password
            problems.add(uri, e.getMessage() + (e.hint() == null ? "" : "; " + e.hint()));
            return null;
        }
    }
}
