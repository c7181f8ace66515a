package io.hyperkeep.archive;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.manifest.FileEntry;
import io.hyperkeep.manifest.RowDigester;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.storage.Codec;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** Rows in a data file of pg_dump's, of any length, at any place of the buffer. */
class ArchivedRowsTest {
    private static final String END = "\\.\n\n\n";

    @TempDir
    Path backup;

    @ParameterizedTest
    @EnumSource(Codec.class)
    void rows_of_every_length_are_counted_and_digested(Codec codec) throws Exception {
        List<String> rows = new ArrayList<>(List.of("\n", "1\t\\N\n", "\\\\.\n", "\\\\\\.\n", "é\t\\n\n"));
        for (int i = 0; i < 40_000; i++) {
            rows.add(i + "\t" + "x".repeat(i % 23) + "\n");
        }
        // as long as the buffer, longer, and several times as long
        for (int length : List.of((1 << 18) - 1, 1 << 18, (1 << 18) + 1, 1_000_003)) {
            rows.add("w".repeat(length) + "\n");
            rows.add("after\n");
        }
        RowDigester expected = new RowDigester();
        for (String row : rows) {
            byte[] bytes = row.getBytes(StandardCharsets.UTF_8);
            expected.add(bytes, 0, bytes.length);
        }

        CopiedRows.Sum sum = ArchivedRows.read(backup, file(codec, String.join("", rows) + END));

        assertThat(sum).isEqualTo(new CopiedRows.Sum(rows.size(), expected.digest()));
    }

    @Test
    void a_file_without_rows_has_none() throws Exception {
        assertThat(ArchivedRows.read(backup, file(Codec.ZSTD, END)).rows()).isZero();
    }

    @Test
    void a_file_that_is_cut_or_goes_on_is_damaged() throws Exception {
        for (String text : List.of("", "1\n2\n", "1\n2", "1\n" + END + "3\n", "1\n" + END + "3")) {
            FileEntry file = file(Codec.NONE, text);
            assertThatThrownBy(() -> ArchivedRows.read(backup, file))
                    .as(text)
                    .isInstanceOf(BackupException.class)
                    .hasMessage("dump/7.dat is damaged: it does not end as pg_dump ends its files");
        }
    }

    @Test
    void a_file_with_another_checksum_is_damaged() throws Exception {
        FileEntry file = file(Codec.ZSTD, "1\n" + END);
        file(Codec.ZSTD, "2\n" + END);

        assertThatThrownBy(() -> ArchivedRows.read(backup, file))
                .hasMessage("dump/7.dat.zst is damaged: its checksum differs");
    }

    private FileEntry file(Codec codec, String text) throws Exception {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = codec.compress(bytes, 1)) {
            out.write(text.getBytes(StandardCharsets.UTF_8));
        }
        String name = "dump/7.dat" + codec.suffix();
        write(backup.resolve(name), bytes.toByteArray());
        byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(bytes.toByteArray());
        return new FileEntry(name, bytes.size(), HexFormat.of().formatHex(sha256));
    }

    private static void write(Path file, byte[] bytes) throws IOException {
        Files.createDirectories(file.getParent());
        Files.write(file, bytes);
    }
}
