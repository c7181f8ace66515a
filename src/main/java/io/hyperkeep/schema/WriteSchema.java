package io.hyperkeep.schema;

import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.storage.BackupStore;
import io.hyperkeep.storage.PendingFile;
import io.hyperkeep.storage.StorageErrors;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;

/** Puts a section's file together again and records where each entry is in it. */
final class WriteSchema {
    /** The folder of the schema's files, below a backup's. */
    static final String FOLDER = "schema";

    private final BackupStore store;
    private final String backupFolder;

    /**
     * @param store where to
     * @param backupFolder the backup's folder, as a path of the store
     */
    WriteSchema(BackupStore store, String backupFolder) {
        this.store = store;
        this.backupFolder = backupFolder;
    }

    /**
     * A file that was written.
     *
     * @param file its checksum
     * @param preambleLength bytes before its first entry
     * @param entries with their places
     */
    record Written(FileEntry file, int preambleLength, List<SchemaEntry> entries) {}

    /**
     * @param name the file's name
     * @param parts what pg_restore printed for the section
     * @param entries those to write, in order, without places
     * @param bodies each entry's text by its id
     */
    Written section(String name, SplitArchive.Parts parts, List<SchemaEntry> entries, Map<Integer, String> bodies) {
        StringBuilder text = new StringBuilder(portable(parts.preamble()));
        int preamble = text.length();
        List<SchemaEntry> placed = new ArrayList<>();
        for (SchemaEntry entry : entries) {
            String body = bodies.get(entry.id());
            placed.add(entry.at(text.length(), body.length()));
            text.append(body);
        }
        text.append(parts.trailer());
        return new Written(file(name, text.toString()), preamble, placed);
    }

    /** Statements of our own, each ended. */
    FileEntry statements(String name, String comment, List<String> statements) {
        StringBuilder text = new StringBuilder("-- ").append(comment).append("\n\n");
        text.append("SELECT pg_catalog.set_config('search_path', '', false);\n\n");
        statements.forEach(statement -> text.append(statement).append(";\n"));
        return file(name, Latin.bytes(text.toString()));
    }

    /** A setting of PostgreSQL 17 would stop the whole file on an older server. */
    private static String portable(String preamble) {
        return preamble.replace(
                "\nSET transaction_timeout = 0;\n",
                "\nSELECT pg_catalog.set_config(name, '0', false) FROM pg_catalog.pg_settings WHERE name = 'transaction_timeout';\n");
    }

    private FileEntry file(String name, String text) {
        byte[] bytes = text.getBytes(StandardCharsets.ISO_8859_1);
        String folder = backupFolder + "/" + FOLDER;
        try (PendingFile file = store.begin(folder, name)) {
            file.stream().write(bytes);
            file.commit(name);
        } catch (IOException e) {
            throw StorageErrors.writing(folder + "/" + name, e);
        }
        return new FileEntry(FOLDER + "/" + name, bytes.length, sha256(bytes));
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e); // every Java has it
        }
    }
}
