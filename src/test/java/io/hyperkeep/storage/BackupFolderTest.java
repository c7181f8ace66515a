package io.hyperkeep.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.fixtures.RepositoryOnDisk;
import io.hyperkeep.manifest.ManifestJson;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.HexFormat;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupFolderTest {
    private static final String ID = "20261122T021500Z";

    @TempDir
    Path root;

    BackupFolder backup;
    Path manifest;
    Path checksum;

    @BeforeEach
    void seal() {
        backup = new BackupFolder(new RepositoryOnDisk(root).seal("prod", ID, "a"));
        manifest = backup.path().resolve("manifest.json");
        checksum = backup.path().resolve("manifest.json.sha256");
    }

    @Test
    void a_manifest_that_is_still_json_but_altered_is_found_out() throws IOException {
        Files.writeString(
                manifest, Files.readString(manifest).replace("\"consistent\" : true", "\"consistent\" : false"));
        assertAltered();
    }

    @Test
    void what_was_added_behind_its_end_is_found_out() throws IOException {
        Files.writeString(manifest, Files.readString(manifest) + " ".repeat(100_000));
        assertAltered();
    }

    @Test
    void a_checksum_that_is_cut_vouches_for_nothing() throws IOException {
        Files.writeString(checksum, Files.readString(checksum).substring(0, 63));
        assertAltered();
        Files.writeString(checksum, "");
        assertAltered();
    }

    @Test
    void a_backup_of_a_version_that_wrote_no_checksum_is_read() throws IOException {
        Files.delete(checksum);
        assertThat(backup.manifest().id()).isEqualTo(ID);
    }

    @Test
    void a_disk_that_is_full_anywhere_in_the_manifest_says_so() throws Exception {
        ByteArrayOutputStream whole = new ByteArrayOutputStream();
        new ManifestJson().write(backup.manifest(), whole);
        for (int room = 0; room < whole.size(); room += 7) {
            int left = room;
            OutputStream full = new OutputStream() {
                private int written;

                @Override
                public void write(int b) throws IOException {
                    if (written++ == left) {
                        throw new IOException("No space left on device");
                    }
                }
            };
            assertThatThrownBy(() -> new ManifestJson().write(backup.manifest(), full))
                    .isExactlyInstanceOf(IOException.class)
                    .hasMessage("No space left on device");
        }
    }

    @Test
    void sealing_writes_what_sha256sum_checks() throws Exception {
        BackupStore store = new LocalStore(root);
        BackupFolder.seal(store, "prod/backups/copy", backup.manifest());

        Path copy = root.resolve("prod/backups/copy");
        assertThat(new BackupFolder(copy).manifest()).isEqualTo(backup.manifest());
        byte[] sha256 = MessageDigest.getInstance("SHA-256").digest(Files.readAllBytes(copy.resolve("manifest.json")));
        assertThat(copy.resolve("manifest.json.sha256"))
                .hasContent(HexFormat.of().formatHex(sha256) + "  manifest.json\n");
        assertThat(store.list("prod/backups/copy")).containsExactly("manifest.json", "manifest.json.sha256");
    }

    private void assertAltered() {
        assertThatThrownBy(() -> backup.manifest()).isInstanceOfSatisfying(BackupException.class, e -> {
            assertThat(e.problem()).isEqualTo(Problem.DAMAGED);
            assertThat(e.text())
                    .isEqualTo("cannot read " + manifest
                            + ": it is cut or altered: its checksum is not the one in manifest.json.sha256\n"
                            + "HINT: copy the file again from where the backup was copied from, or use another backup");
        });
    }
}
