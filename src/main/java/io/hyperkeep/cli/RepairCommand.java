package io.hyperkeep.cli;

import io.hyperkeep.archive.RepairDatabase;
import io.hyperkeep.config.DatabaseAccess;
import io.hyperkeep.config.Given;
import io.hyperkeep.database.Connections;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Parameters;

/** {@code repair}: a database that a restore left in TimescaleDB's restoring mode. */
@Command(
        name = "repair",
        description = "Take a database out of TimescaleDB's restoring mode, and say what is not right there.")
final class RepairCommand implements Callable<Integer> {
    private static final int WITH_FINDINGS = 3;

    private final Session session;

    @Parameters(paramLabel = "URI", description = "The database: a libpq URI or a configured name.")
    String database = "";

    @Mixin
    AccessOptions access = new AccessOptions();

    RepairCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        DatabaseAccess reach = access.access(session.surroundings().environment());
        Connections connections =
                new Connections(session.databases().resolve(Given.flag("URI", List.of(database)), reach));
        RepairDatabase.Repaired repaired = new RepairDatabase(connections).run();
        String name = connections.address().database();
        Map<String, @Nullable Object> document = new LinkedHashMap<>();
        document.put("database", name);
        document.put("wasRestoring", repaired.wasRestoring());
        document.put("warnings", BackupDocument.warnings(repaired.findings()));
        session.results()
                .print(
                        document,
                        () -> "database " + name
                                + (repaired.wasRestoring()
                                        ? " was in restoring mode and is not any more"
                                        : " is not in restoring mode")
                                + System.lineSeparator());
        if (!session.global().json()) {
            repaired.findings().forEach(finding -> session.note("WARNING: " + finding.text()));
        }
        return repaired.findings().isEmpty() ? 0 : WITH_FINDINGS;
    }
}
