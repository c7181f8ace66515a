package io.hyperkeep.database;

import java.nio.file.Path;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * Where a database is and as whom to log in; never the password.
 *
 * @param host name or address, or null when {@code socketFolder} is given
 * @param socketFolder folder of the server's Unix socket, or null when reached over TCP
 * @param port TCP port, or the number in the socket's name
 * @param database the database's name
 * @param user the role to log in as
 * @param parameters further libpq parameters that were given ({@code sslmode}, {@code sslrootcert}, {@code connect_timeout} …)
 */
public record DatabaseAddress(
        @Nullable String host,
        @Nullable Path socketFolder,
        int port,
        String database,
        String user,
        Map<String, String> parameters) {
    public DatabaseAddress {
        parameters = Map.copyOf(parameters);
    }

    /** The same server and role, another database. */
    public DatabaseAddress withDatabase(String other) {
        return new DatabaseAddress(host, socketFolder, port, other, user, parameters);
    }

    /** For messages: {@code user@host:port/database}, without parameters. */
    @Override
    public String toString() {
        return user + "@" + (socketFolder != null ? socketFolder : host) + ":" + port + "/" + database;
    }
}
