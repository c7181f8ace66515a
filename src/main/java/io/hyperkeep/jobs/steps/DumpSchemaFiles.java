package io.hyperkeep.jobs.steps;

import io.hyperkeep.database.ClientTools;
import io.hyperkeep.database.ServerErrors;
import io.hyperkeep.jobs.BackupAttempt;
import io.hyperkeep.schema.DumpSchema;
import io.hyperkeep.schema.SchemaDump;
import io.hyperkeep.schema.SchemaRequest;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.SQLException;

/** Dumps everything that is no row, in the snapshot that the rows are read in. */
public final class DumpSchemaFiles implements Phase<BackupAttempt> {
    @Override
    public void run(BackupAttempt attempt) throws IOException {
        BackupAttempt.Source source = attempt.source();
        DumpSchema dump = new DumpSchema(
                attempt.connections(),
                new ClientTools(attempt.plan().database()),
                "hyperkeep/" + attempt.run() + "/dump-schema",
                attempt.plan().lockTimeout());
        // on the machine's own temporary disk: it holds no rows
        Path work = Files.createTempDirectory("hyperkeep-schema-");
        try {
            SchemaDump dumped = source.sessions()
                    .withHolder(holder -> dump.run(
                            holder,
                            source.sessions().snapshot().id(),
                            SchemaRequest.of(
                                    source.inventory(),
                                    source.server(),
                                    attempt.plan().selection().include().isEmpty()),
                            work,
                            attempt.draft().repository().store(),
                            attempt.draft().path()));
            attempt.warn(dumped.warnings());
            attempt.dumped(dumped);
        } catch (SQLException e) {
            throw ServerErrors.translate(
                    "cannot dump the schema of " + attempt.connections().address(), e);
        } finally {
            Files.deleteIfExists(work);
        }
    }
}
