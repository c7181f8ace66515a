package io.hyperkeep.database;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.ByteArrayOutputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads libpq URIs. Not java.net.URI: that one refuses what libpq accepts (underscores in host names, empty hosts) and
 * quotes the whole text, password included, in its exceptions.
 */
final class ParseAddress {
    /** Parameters that are kept in the address, and the environment variable that stands in for each. */
    static final Map<String, String> KEPT = kept();

    /** Parameters that say where and as whom. */
    private static final Set<String> PLACE = Set.of("host", "port", "user", "dbname");

    /** Parameters that change nothing for us: we name our own sessions and always keep connections alive. */
    private static final Set<String> IGNORED = Set.of(
            "application_name",
            "fallback_application_name",
            "keepalives",
            "keepalives_idle",
            "keepalives_interval",
            "keepalives_count",
            "client_encoding");

    private static final Set<String> SSL_MODES =
            Set.of("disable", "allow", "prefer", "require", "verify-ca", "verify-full");

    /** Where Debian's and PostgreSQL's own builds put their sockets. */
    static final List<Path> SOCKET_FOLDERS = List.of(Path.of("/var/run/postgresql"), Path.of("/tmp"));

    private static final String FORM =
            "write postgresql://user@host:5432/database?sslmode=…, or postgresql:///database?host=/socket/folder.";

    private final Map<String, String> environment;
    private final Path home;

    ParseAddress(Map<String, String> environment, Path home) {
        this.environment = environment;
        this.home = home;
    }

    private static Map<String, String> kept() {
        Map<String, String> kept = new LinkedHashMap<>();
        kept.put("sslmode", "PGSSLMODE");
        kept.put("sslnegotiation", "PGSSLNEGOTIATION");
        kept.put("sslrootcert", "PGSSLROOTCERT");
        kept.put("sslcert", "PGSSLCERT");
        kept.put("sslkey", "PGSSLKEY");
        kept.put("channel_binding", "PGCHANNELBINDING");
        kept.put("connect_timeout", "PGCONNECT_TIMEOUT");
        kept.put("options", "PGOPTIONS");
        return kept;
    }

    DatabaseAddress parse(String uri) {
        String rest = withoutScheme(uri);
        int authorityEnd = firstOf(rest, "/?");
        String authority = rest.substring(0, authorityEnd);
        String tail = rest.substring(authorityEnd);
        int at = authority.lastIndexOf('@');
        if (at < 0 && tail.indexOf('@') >= 0) {
            // most likely a password with a raw / or ? in it, so not a word of it may be shown
            throw wrong(
                    "has an @ after its host part; a character that is special in a URI is not percent-encoded", FORM);
        }
        String userInfo = at < 0 ? "" : authority.substring(0, at);
        if (userInfo.indexOf(':') >= 0) {
            throw password();
        }
        Map<String, String> given = new LinkedHashMap<>();
        put(given, "user", decode(userInfo));
        place(authority.substring(at + 1), given);
        int query = tail.indexOf('?');
        String path = query < 0 ? tail : tail.substring(0, query);
        put(given, "dbname", decode(path.startsWith("/") ? path.substring(1) : path));
        if (query >= 0) {
            query(tail.substring(query + 1), given);
        }
        return address(given);
    }

    private static String withoutScheme(String uri) {
        for (String scheme : List.of("postgresql://", "postgres://")) {
            if (uri.regionMatches(true, 0, scheme, 0, scheme.length())) {
                return uri.substring(scheme.length());
            }
        }
        throw wrong("does not start with postgresql://", FORM);
    }

    private static void place(String hostAndPort, Map<String, String> given) {
        if (hostAndPort.indexOf(',') >= 0) {
            throw severalHosts();
        }
        String port = "";
        String host;
        if (hostAndPort.startsWith("[")) {
            int close = hostAndPort.indexOf(']');
            if (close < 0) {
                throw wrong("has a [ without a ] in its host part", FORM);
            }
            host = hostAndPort.substring(1, close);
            String after = hostAndPort.substring(close + 1);
            if (!after.isEmpty() && !after.startsWith(":")) {
                throw wrong("has something other than a port after the ] of its host", FORM);
            }
            port = after.isEmpty() ? "" : after.substring(1);
        } else {
            int colon = hostAndPort.indexOf(':');
            host = decode(colon < 0 ? hostAndPort : hostAndPort.substring(0, colon));
            port = colon < 0 ? "" : hostAndPort.substring(colon + 1);
        }
        put(given, "host", host);
        put(given, "port", decode(port));
    }

    private static void query(String query, Map<String, String> given) {
        for (String pair : query.split("&")) {
            if (pair.isEmpty()) {
                continue;
            }
            int equals = pair.indexOf('=');
            if (equals < 0) {
                throw wrong("has a parameter without a value", FORM);
            }
            String name = decode(pair.substring(0, equals));
            if (name.equals("password") || name.equals("sslpassword")) {
                throw password();
            }
            String value = decode(pair.substring(equals + 1));
            if (name.equals("ssl") && value.equals("true")) {
                given.put("sslmode", "require"); // libpq reads JDBC's way to say it too
            } else if (PLACE.contains(name) || KEPT.containsKey(name)) {
                put(given, name, value);
            } else if (!IGNORED.contains(name)) {
                throw unknown(name);
            }
        }
    }

    private DatabaseAddress address(Map<String, String> given) {
        String user = given.getOrDefault("user", environment("PGUSER", System.getProperty("user.name")));
        String database = given.getOrDefault("dbname", environment("PGDATABASE", user));
        int port = port(given.getOrDefault("port", environment("PGPORT", "5432")));
        Map<String, String> parameters = new LinkedHashMap<>();
        KEPT.forEach((name, variable) -> {
            String value = given.getOrDefault(name, environment(variable, ""));
            if (!value.isEmpty()) {
                parameters.put(
                        name,
                        value.startsWith("~/")
                                ? home.resolve(value.substring(2)).toString()
                                : value);
            }
        });
        check(parameters);
        String host = given.getOrDefault("host", environment("PGHOST", ""));
        if (host.indexOf(',') >= 0) {
            throw severalHosts();
        }
        if (host.isEmpty()) {
            Path folder = localSocket(port);
            return new DatabaseAddress(folder == null ? "localhost" : null, folder, port, database, user, parameters);
        }
        boolean socket = host.startsWith("/");
        return new DatabaseAddress(
                socket ? null : host, socket ? Path.of(host) : null, port, database, user, parameters);
    }

    private static void check(Map<String, String> parameters) {
        String mode = parameters.get("sslmode");
        if (mode != null && !SSL_MODES.contains(mode)) {
            throw wrong(
                    "has an sslmode that does not exist: " + mode,
                    "sslmode is one of disable, allow, prefer, require, verify-ca and verify-full.");
        }
        String timeout = parameters.get("connect_timeout");
        if (timeout != null && !timeout.matches("[0-9]{1,6}")) {
            throw wrong("has a connect_timeout that is not a number of seconds: " + timeout, FORM);
        }
    }

    /** What libpq does without a host: the local server's socket. */
    private static @Nullable Path localSocket(int port) {
        return SOCKET_FOLDERS.stream()
                .filter(folder -> Files.exists(folder.resolve(".s.PGSQL." + port)))
                .findFirst()
                .orElse(null);
    }

    private String environment(String variable, String otherwise) {
        String value = environment.get(variable);
        return value == null || value.isEmpty() ? otherwise : value;
    }

    private static int port(String text) {
        if (text.matches("[0-9]{1,5}")) {
            int port = Integer.parseInt(text);
            if (port > 0 && port < 65536) {
                return port;
            }
        }
        // not shown: of user:password/with:slashes a part would end up here
        throw wrong("has a port that is not a number from 1 to 65535", FORM);
    }

    private static void put(Map<String, String> given, String name, String value) {
        if (!value.isEmpty()) {
            given.put(name, value);
        }
    }

    private static String decode(String text) {
        if (text.indexOf('%') < 0) {
            return text;
        }
        byte[] bytes = text.getBytes(StandardCharsets.UTF_8);
        ByteArrayOutputStream decoded = new ByteArrayOutputStream(bytes.length);
        for (int i = 0; i < bytes.length; i++) {
            if (bytes[i] != '%') {
                decoded.write(bytes[i]);
                continue;
            }
            int high = i + 2 < bytes.length ? Character.digit(bytes[i + 1], 16) : -1;
            int low = i + 2 < bytes.length ? Character.digit(bytes[i + 2], 16) : -1;
            if (high < 0 || low < 0 || high + low == 0) {
                throw wrong(
                        "has a % that is not followed by two hexadecimal digits, or %00",
                        "a percent sign itself is written %25.");
            }
            decoded.write(high * 16 + low);
            i += 2;
        }
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(decoded.toByteArray()))
                    .toString();
        } catch (CharacterCodingException e) {
            throw wrong("has percent-encoded bytes that are not UTF-8", FORM);
        }
    }

    private static int firstOf(String text, String characters) {
        for (int i = 0; i < text.length(); i++) {
            if (characters.indexOf(text.charAt(i)) >= 0) {
                return i;
            }
        }
        return text.length();
    }

    private static BackupException unknown(String name) {
        String closest = Closest.to(name, Stream.concat(KEPT.keySet().stream(), PLACE.stream()));
        return wrong(
                "has a parameter that is not known: " + name,
                closest == null
                        ? "known are host, port, user, dbname, " + String.join(", ", KEPT.keySet()) + "."
                        : "did you mean " + closest + "?");
    }

    private static BackupException severalHosts() {
        return wrong("names several hosts", "name one host: a backup has to know which server it reads.");
    }

    private static BackupException password() {
        return wrong(
                "holds a password, which everybody on this machine could read",
                "take it out, and give the password in PGPASSWORD, in ~/.pgpass, or with a password file or command in the configuration.");
    }

    private static BackupException wrong(String what, String hint) {
        return new BackupException(Problem.USAGE, "the database URI " + what, hint);
    }
}
