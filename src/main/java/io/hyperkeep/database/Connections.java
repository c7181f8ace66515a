package io.hyperkeep.database;

import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Properties;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.postgresql.Driver;
import org.postgresql.PGProperty;

/** Opens connections to one database with its session settings pinned. Thread-safe. */
public final class Connections {
    /** How long a statement waits for a lock when nothing else is asked for. */
    public static final Duration DEFAULT_LOCK_TIMEOUT = Duration.ofSeconds(60);

    /** For a session that began with {@link #withoutLoginTriggers}, before it changes a definition. */
    public static final String EVENT_TRIGGERS_ON = LoginTriggers.ON_AGAIN;

    private static final int DEFAULT_CONNECT_SECONDS = 10;

    private final DatabaseSettings settings;
    private final Map<String, String> environment;
    private final FindPassword password;
    private final Driver driver = new Driver();
    private final Set<Connection> open = ConcurrentHashMap.newKeySet();
    private final LoginTriggers loginTriggers = new LoginTriggers();

    /** With this process's environment and home. */
    public Connections(DatabaseSettings settings) {
        this(settings, System.getenv(), Path.of(System.getProperty("user.home")));
    }

    /**
     * @param settings where, and where the password comes from
     * @param environment where libpq's variables are looked up
     * @param home where {@code .pgpass} is looked for
     */
    public Connections(DatabaseSettings settings, Map<String, String> environment, Path home) {
        this(settings, environment, new FindPassword(settings.password(), environment, home));
    }

    private Connections(DatabaseSettings settings, Map<String, String> environment, FindPassword password) {
        this.settings = settings;
        this.environment = Map.copyOf(environment);
        this.password = password;
    }

    /** Where these connections lead. */
    public DatabaseAddress address() {
        return settings.address();
    }

    /** What these connections were made from. */
    public DatabaseSettings settings() {
        return settings;
    }

    /** Connections to another database of the same server, as the same role and with the same password. */
    public Connections withDatabase(String database) {
        DatabaseSettings other = new DatabaseSettings(
                database, settings.address().withDatabase(database), settings.password(), settings.clientTools());
        return new Connections(other, environment, password);
    }

    /**
     * Opens a connection, in auto-commit mode, whose statements wait {@link #DEFAULT_LOCK_TIMEOUT} for a lock. The
     * caller owns it and closes it.
     *
     * @param applicationName what {@code pg_stat_activity} shows, e.g. {@code hyperkeep/12/u00042}
     * @throws io.hyperkeep.problem.BackupException UNREACHABLE when there is no server or it does not answer, DENIED
     *     when it refuses the login, UNSUITABLE when the database does not exist, CONFIGURATION when the configured
     *     password can not be had
     */
    public Connection open(String applicationName) {
        return open(applicationName, DEFAULT_LOCK_TIMEOUT);
    }

    /**
     * As {@link #open(String)}.
     *
     * @param lockTimeout how long a statement waits for a lock; zero for as long as it takes
     */
    public Connection open(String applicationName, Duration lockTimeout) {
        String found = password.find(settings.address());
        Connection connection = null;
        try {
            connection = loginTriggers.open(setting -> login(applicationName, found, setting));
            SessionSettings.pin(connection, lockTimeout);
            remember(connection);
            return connection;
        } catch (SQLException e) {
            closeQuietly(connection);
            throw LoginErrors.translate(e, settings.address(), found != null);
        }
    }

    private Connection login(String applicationName, @Nullable String found, @Nullable String setting)
            throws SQLException {
        Connection connection = driver.connect(url(settings.address()), properties(applicationName, found, setting));
        if (connection == null) {
            throw new IllegalStateException("the PostgreSQL driver does not know its own URLs");
        }
        return connection;
    }

    /**
     * What a session of a client program has to begin with, so that no login trigger counts or stops it: event triggers
     * off, or nothing. TimescaleDB's own are off then as well.
     */
    public List<String> withoutLoginTriggers() {
        String found = password.find(settings.address());
        try {
            return loginTriggers.areAvoided(setting -> login("hyperkeep", found, setting))
                    ? List.of(LoginTriggers.OFF)
                    : List.of();
        } catch (SQLException e) {
            throw LoginErrors.translate(e, settings.address(), found != null);
        }
    }

    /** After triggers were created or dropped: the next session finds out anew whether some fire at a login. */
    public void lookForLoginTriggersAgain() {
        loginTriggers.forget();
    }

    private void remember(Connection connection) throws SQLException {
        for (Connection other : open) {
            if (other.isClosed()) {
                open.remove(other);
            }
        }
        open.add(connection);
    }

    /** Cancels whatever these connections are doing right now. Safe from any thread. */
    public void cancelAll() {
        open.forEach(Query::cancel);
    }

    /**
     * Closes the sockets of these connections without asking the server, which then ends their sessions as those of any
     * lost client. For a network that does not answer: a request to cancel would wait for it as well. Safe from any
     * thread.
     */
    public void abortAll() {
        for (Connection connection : open) {
            try {
                connection.abort(Runnable::run);
            } catch (SQLException e) {
                // it is closed: that is what was wanted
            }
        }
    }

    /** The environment that this process has, for programs started on behalf of these connections. */
    Map<String, String> environment() {
        return environment;
    }

    /** For the client programs' password file only. */
    @Nullable
    String password() {
        return password.find(settings.address());
    }

    static int connectSeconds(DatabaseAddress address) {
        String given = address.parameters().get("connect_timeout");
        int seconds = given == null ? DEFAULT_CONNECT_SECONDS : Integer.parseInt(given);
        // libpq's 0 means for ever, and nothing of ours waits for ever
        return seconds == 0 ? DEFAULT_CONNECT_SECONDS : seconds;
    }

    /** Host, port and database have to be here: as properties the driver ignores some of them without a word. */
    private static String url(DatabaseAddress address) {
        String host = address.host() == null ? "localhost" : address.host();
        return "jdbc:postgresql://"
                + (host.indexOf(':') < 0 ? URLEncoder.encode(host, StandardCharsets.UTF_8) : "[" + host + "]")
                + ":" + address.port() + "/" + URLEncoder.encode(address.database(), StandardCharsets.UTF_8);
    }

    private Properties properties(String applicationName, @Nullable String found, @Nullable String setting) {
        DatabaseAddress address = settings.address();
        Properties properties = new Properties();
        PGProperty.USER.set(properties, address.user());
        // never null: the driver would look for a password file itself, without libpq's check of its mode
        PGProperty.PASSWORD.set(properties, found == null ? "" : found);
        PGProperty.APPLICATION_NAME.set(properties, applicationName);
        // the name then goes with the login instead of costing a round trip
        PGProperty.ASSUME_MIN_SERVER_VERSION.set(properties, "14");
        PGProperty.CONNECT_TIMEOUT.set(properties, connectSeconds(address));
        // the connect timeout ends with the TCP handshake: this one covers a server that accepts and says nothing
        PGProperty.LOGIN_TIMEOUT.set(properties, connectSeconds(address) + 1);
        PGProperty.TCP_KEEP_ALIVE.set(properties, true);
        PGProperty.GSS_ENC_MODE.set(properties, "disable");
        // a value's text comes from the server and not from the driver, from its first use to its thousandth
        PGProperty.BINARY_TRANSFER.set(properties, false);
        // catalogs of a hundred thousand chunks are read in constant memory (inside transactions)
        PGProperty.DEFAULT_ROW_FETCH_SIZE.set(properties, 2000);
        String options = Stream.of(address.parameters().get("options"), setting == null ? null : "-c " + setting)
                .filter(Objects::nonNull)
                .collect(Collectors.joining(" "));
        if (!options.isEmpty()) {
            PGProperty.OPTIONS.set(properties, options);
        }
        // the detail of an error holds column values, which have no place in logs
        PGProperty.LOG_SERVER_ERROR_DETAIL.set(properties, false);
        if (address.socketFolder() == null) {
            tls(address.parameters(), properties);
        } else {
            PGProperty.SSL_MODE.set(properties, "disable");
            PGProperty.SOCKET_FACTORY.set(properties, "org.newsclub.net.unix.AFUNIXSocketFactory$FactoryArg");
            PGProperty.SOCKET_FACTORY_ARG.set(
                    properties,
                    address.socketFolder().resolve(".s.PGSQL." + address.port()).toString());
        }
        return properties;
    }

    private static void tls(Map<String, String> parameters, Properties properties) {
        String root = parameters.get("sslrootcert");
        String mode = parameters.getOrDefault("sslmode", "prefer");
        if ("system".equals(root)) {
            // the Java runtime's own trust store; libpq insists on verify-full here
            PGProperty.SSL_FACTORY.set(properties, "org.postgresql.ssl.DefaultJavaSSLFactory");
            mode = "verify-full";
        } else if (root != null) {
            PGProperty.SSL_ROOT_CERT.set(properties, root);
            // libpq's rule: with a root certificate at hand, require verifies it
            mode = mode.equals("require") ? "verify-ca" : mode;
        }
        PGProperty.SSL_MODE.set(properties, mode);
        set(PGProperty.SSL_CERT, parameters.get("sslcert"), properties);
        set(PGProperty.SSL_KEY, parameters.get("sslkey"), properties);
        set(PGProperty.SSL_NEGOTIATION, parameters.get("sslnegotiation"), properties);
        set(PGProperty.CHANNEL_BINDING, parameters.get("channel_binding"), properties);
    }

    private static void set(PGProperty property, @Nullable String value, Properties properties) {
        if (value != null) {
            property.set(properties, value);
        }
    }

    private static void closeQuietly(@Nullable Connection connection) {
        if (connection != null) {
            try {
                connection.close();
            } catch (SQLException e) {
                // the first failure is the one to tell
            }
        }
    }
}
