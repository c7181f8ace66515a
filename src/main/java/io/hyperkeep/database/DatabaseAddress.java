package io.hyperkeep.database;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
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

    /**
     * Reads a libpq URI as libpq does, with libpq's environment variables for what it leaves out.
     *
     * @param uri {@code postgresql://user@host:port/database?sslmode=…}, or {@code postgresql:///database?host=/socket/folder}
     * @param environment the process's environment
     * @param home what {@code ~/} stands for in the files that the URI names
     * @throws io.hyperkeep.problem.BackupException USAGE when it is no such URI, names several hosts, has a parameter
     *     that is not known, or holds a password; the text never repeats the URI, as it may hold one
     */
    public static DatabaseAddress parse(String uri, Map<String, String> environment, Path home) {
        return new ParseAddress(environment, home).parse(uri);
    }

    /** The same server and role, another database. */
    public DatabaseAddress withDatabase(String other) {
        return new DatabaseAddress(host, socketFolder, port, other, user, parameters);
    }

    /** Whether both name the same database at the same place, whatever role and parameters are used. */
    public boolean isSameDatabaseAs(DatabaseAddress other) {
        return Objects.equals(host, other.host)
                && Objects.equals(socketFolder, other.socketFolder)
                && port == other.port
                && database.equals(other.database);
    }

    /** The same, where every session acts as another role, which the user must be a member of. */
    public DatabaseAddress actingAs(String role) {
        Map<String, String> more = new TreeMap<>(parameters);
        String name = role.replace("\\", "\\\\").replace(" ", "\\ ");
        more.merge("options", "-c role=" + name, (given, ours) -> given + " " + ours);
        return new DatabaseAddress(host, socketFolder, port, database, user, more);
    }

    /** The URI that {@link #parse} reads as this address; it holds no secret. */
    public String toUri() {
        Map<String, String> query = new TreeMap<>(parameters);
        StringBuilder uri =
                new StringBuilder("postgresql://").append(encode(user)).append('@');
        if (socketFolder != null) {
            query.put("host", socketFolder.toString());
            query.put("port", Integer.toString(port));
        } else if (host != null) {
            uri.append(host.indexOf(':') < 0 ? encode(host) : "[" + host + "]");
            uri.append(':').append(port);
        }
        uri.append('/').append(encode(database));
        char separator = '?';
        for (Map.Entry<String, String> parameter : query.entrySet()) {
            uri.append(separator).append(parameter.getKey()).append('=').append(encode(parameter.getValue()));
            separator = '&';
        }
        return uri.toString();
    }

    private static String encode(String text) {
        // form encoding's plus is not a space to libpq
        return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
    }

    /** For messages: {@code user@host:port/database}, without parameters. */
    @Override
    public String toString() {
        return user + "@" + (socketFolder != null ? socketFolder : host) + ":" + port + "/" + database;
    }
}
