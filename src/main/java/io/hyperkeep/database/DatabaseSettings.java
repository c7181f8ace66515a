package io.hyperkeep.database;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Everything that is needed to work with one database, without its password.
 *
 * @param name what it is called in the configuration and in repositories; the database's own name when not configured
 * @param address where it is
 * @param password where its password comes from
 * @param clientTools folder of the client programs to use, or null to find them
 */
public record DatabaseSettings(
        String name,
        DatabaseAddress address,
        PasswordSource password,
        @Nullable Path clientTools) {
    /** Whether it is the same database of the same server, under the same name, whatever role and parameters are used. */
    public boolean isSameDatabaseAs(DatabaseSettings other) {
        return name.equals(other.name) && address.isSameDatabaseAs(other.address);
    }

    /** The same, where every session acts as another role. */
    public DatabaseSettings actingAs(String role) {
        return new DatabaseSettings(name, address.actingAs(role), password, clientTools);
    }
}
