package io.hyperkeep.schema;

import io.hyperkeep.database.ClientProcess;
import io.hyperkeep.database.ClientTool;
import io.hyperkeep.manifest.SchemaEntry.Section;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;

/** Reads pg_dump's archive by means of pg_restore. */
final class ReadArchive {
    private final ClientTool pgRestore;
    private final Path archive;
    private final Path workFolder;

    /** @param workFolder for files of a moment */
    ReadArchive(ClientTool pgRestore, Path archive, Path workFolder) {
        this.pgRestore = pgRestore;
        this.archive = archive;
        this.workFolder = workFolder;
    }

    /** One section's entries. */
    SplitArchive.Parts section(Section section) {
        String option = "--section=" + (section == Section.PRE_DATA ? "pre-data" : "post-data");
        String list = print("list", "--list", option);
        // verbose for the headers' oids and dependencies
        String text = print("text", "--verbose", option, "--file=-");
        return SplitArchive.run(section, list, text);
    }

    /** What pg_restore prints, one character for each byte. */
    private String print(String name, String... arguments) {
        Path file = workFolder.resolve("schema." + name);
        try {
            ClientProcess.offline(pgRestore)
                    .arguments(arguments)
                    .arguments(archive.toString())
                    .output(file)
                    .run();
            return Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw new BackupException(Problem.STORAGE, "cannot read " + file + ": " + e.getMessage(), null, e);
        } finally {
            delete(file);
        }
    }

    /** Deletes a file of a moment; one that stays is no reason to fail. */
    static void delete(Path file) {
        try {
            Files.deleteIfExists(file);
        } catch (IOException e) {
            file.toFile().deleteOnExit();
        }
    }
}
