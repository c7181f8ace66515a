package io.hyperkeep.verify;

import io.hyperkeep.manifest.SqlText;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Finds commands of psql in the SQL files of a backup that a restore has psql run: they would run on this machine. pg_dump
 * writes none but {@code \restrict}, which is to keep psql from running others. Pure functions over files.
 */
final class PsqlCommands {
    /** Others of this folder are for a restore by hand alone, and need commands of psql. */
    private static final Set<String> OF_SCHEMA =
            Set.of("schema/pre-data.sql", "schema/late.sql", "schema/post-data.sql");

    private PsqlCommands() {}

    /**
     * Looks at those of some files that are SQL and have not been found to be wrong already.
     *
     * @return a finding for each file with a command
     */
    static List<Finding> run(List<StoredFile> files, List<Finding> findings) {
        Set<String> wrong = findings.stream().map(Finding::on).collect(Collectors.toSet());
        return files.stream()
                .filter(file -> file.unit() == null && isRun(file.name()) && !wrong.contains(file.name()))
                .flatMap(file -> in(file.path()).map(what -> new Finding(file.name(), what)).stream())
                .toList();
    }

    private static boolean isRun(String name) {
        return name.endsWith(".sql") && (!name.startsWith("schema/") || OF_SCHEMA.contains(name));
    }

    private static Optional<String> in(Path file) {
        String sql;
        try {
            // one character for each byte: of the encoding, only that ASCII is ASCII matters
            sql = Files.readString(file, StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            throw StorageErrors.reading(file.toString(), e);
        }
        int command = SqlText.commandInDump(sql);
        if (command < 0) {
            return Optional.empty();
        }
        if (command == sql.length()) {
            return Optional.of("has a quote or comment that does not end");
        }
        long line = 1 + sql.substring(0, command).chars().filter(c -> c == '\n').count();
        return Optional.of("has a command for psql in line " + line + ", which no backup has: the file was altered");
    }
}
