package io.hyperkeep.check;

import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.Connections;
import io.hyperkeep.database.TestConnections;
import io.hyperkeep.fixtures.TimescaleServer;
import io.hyperkeep.plan.LockMode;
import io.hyperkeep.plan.TableSelection;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Databases and roles to check, and findings as text. Not for several threads. */
final class CheckFixture {
    static final String PASSWORD = "check";

    final TimescaleServer server;
    private final List<String> databases = new ArrayList<>();
    private final List<String> roles = new ArrayList<>();

    CheckFixture(TimescaleServer server) {
        this.server = server;
    }

    /** A database with the extension. */
    String database(String name, String... sql) throws SQLException {
        return created(server.createDatabase(name, true), sql);
    }

    /** A database without the extension. */
    String plainDatabase(String name, String... sql) throws SQLException {
        return created(server.newDatabase(name), sql);
    }

    private String created(String uri, String... sql) throws SQLException {
        databases.add(uri);
        execute(uri, sql);
        return uri;
    }

    void execute(String uri, String... sql) throws SQLException {
        try (Connection connection = server.connect(uri);
                Statement statement = connection.createStatement()) {
            for (String one : sql) {
                statement.execute(one);
            }
        }
    }

    /** A role that may log in; its name needs quotes. */
    String role(String attributes) throws SQLException {
        String role = "hk check %08x".formatted(ThreadLocalRandom.current().nextInt());
        server.execute("CREATE ROLE \"" + role + "\" LOGIN PASSWORD '" + PASSWORD + "' " + attributes);
        roles.add(role);
        return role;
    }

    /** The same database as another role. */
    static String as(String uri, String role) {
        return uri.replaceFirst(
                "://[^@]*@",
                "://" + URLEncoder.encode(role, StandardCharsets.UTF_8).replace("+", "%20") + ":" + PASSWORD + "@");
    }

    void close() throws SQLException {
        for (String role : roles) {
            for (String database : databases) {
                execute(database, "DROP OWNED BY \"" + role + "\"");
            }
            server.execute("DROP OWNED BY \"" + role + "\"", "DROP ROLE \"" + role + "\"");
        }
    }

    List<Finding> check(String uri) {
        return check(uri, server.clientTools(), InstantSource.system(), request(null, 2));
    }

    List<Finding> check(String uri, CheckRequest request) {
        return check(uri, server.clientTools(), InstantSource.system(), request);
    }

    static List<Finding> check(String uri, Path clientTools, InstantSource clock, CheckRequest request) {
        Connections connections = TestConnections.to(uri, clientTools);
        return new CheckDatabase(connections, new ClientTools(connections.settings()), clock).run(request);
    }

    static CheckRequest request(@Nullable Path repository, int jobs, String... include) {
        return new CheckRequest(
                "db", new TableSelection(List.of(include), List.of()), jobs, LockMode.STRICT, repository);
    }

    /** All of them as lines, without what differs from run to run. */
    static String text(List<Finding> findings) {
        return findings.stream().map(CheckFixture::text).collect(Collectors.joining());
    }

    /** Those that are not OK. */
    static String bad(List<Finding> findings) {
        return text(findings.stream()
                .filter(finding -> finding.level() != Finding.Level.OK)
                .toList());
    }

    /** Those of one check. */
    static String of(String check, List<Finding> findings) {
        return text(findings.stream()
                .filter(finding -> finding.check().equals(check))
                .toList());
    }

    private static String text(Finding finding) {
        String text = finding.level() + " " + finding.check() + ": " + finding.what() + "\n"
                + (finding.hint() == null ? "" : "  " + finding.hint().replace("\n", "\n  ") + "\n");
        return text.replaceAll("\\d+ are left", "N are left").replaceAll("\\d+ MiB free", "N MiB free");
    }
}
