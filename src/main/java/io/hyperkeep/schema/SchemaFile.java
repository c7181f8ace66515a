package io.hyperkeep.schema;

import io.hyperkeep.manifest.SchemaEntry;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** A schema file of a backup, read entry by entry. Texts have one character for each byte. For one thread. */
public final class SchemaFile implements AutoCloseable {
    private final Path file;
    private final RandomAccessFile in;

    private SchemaFile(Path file, RandomAccessFile in) {
        this.file = file;
        this.in = in;
    }

    /**
     * Opens it; the caller closes it.
     *
     * @throws IOException when it is not there, or can not be read
     */
    public static SchemaFile open(Path file) throws IOException {
        return new SchemaFile(file, new RandomAccessFile(file.toFile(), "r"));
    }

    /**
     * An entry's statements, with the comment above them.
     *
     * @throws BackupException DAMAGED when it is not where the manifest says
     */
    public String entry(SchemaEntry entry) throws IOException {
        String text = slice(entry.offset(), entry.length());
        if (!text.startsWith("--\n-- TOC entry " + entry.id() + " ")) {
            throw damaged("entry " + entry.id() + " (" + entry.label() + ") is not where the manifest says");
        }
        return text;
    }

    /** What comes before any entry, as long as it is. */
    String preamble(int length) throws IOException {
        return slice(0, length);
    }

    private String slice(long offset, int length) throws IOException {
        if (offset < 0 || length < 0 || offset + length > in.length()) {
            throw damaged("it is shorter than the manifest says");
        }
        byte[] bytes = new byte[length];
        in.seek(offset);
        in.readFully(bytes);
        return new String(bytes, StandardCharsets.ISO_8859_1);
    }

    private BackupException damaged(String why) {
        return new BackupException(
                Problem.DAMAGED,
                "schema file " + file + " is damaged: " + why,
                "copy it again from where the backup was copied from, or use another backup.");
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
