package io.hyperkeep.database;

import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Our own connections to a test server. */
public final class TestConnections {
    private static final Pattern WITH_PASSWORD = Pattern.compile("(postgres(?:ql)?://[^:@/]+):([^@/]*)(@.*)");

    private TestConnections() {}

    /** To where a test's address leads; a password in it goes where passwords belong. */
    public static Connections to(String uri, Path clientTools) {
        Map<String, String> environment = new HashMap<>(System.getenv());
        environment.keySet().removeIf(name -> name.startsWith("PG"));
        Matcher password = WITH_PASSWORD.matcher(uri);
        String address = uri;
        if (password.matches()) {
            environment.put("PGPASSWORD", password.group(2));
            address = password.group(1) + password.group(3);
        }
        DatabaseAddress parsed = DatabaseAddress.parse(address, environment, Path.of("/nonexistent"));
        return new Connections(
                new DatabaseSettings(parsed.database(), parsed, PasswordSource.LIBPQ, clientTools),
                environment,
                Path.of("/nonexistent"));
    }
}
