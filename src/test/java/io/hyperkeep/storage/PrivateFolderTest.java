package io.hyperkeep.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PrivateFolderTest {
    @TempDir
    Path folder;

    @Test
    void a_new_folder_is_its_owners_alone() throws Exception {
        Path home = PrivateFolder.create(folder.resolve("a/home"));

        assertThat(mode(home)).isEqualTo("rwx------");
        assertThat(mode(PrivateFolder.create(home))).isEqualTo("rwx------");
    }

    @Test
    void a_folder_that_was_made_open_is_closed_to_others() throws Exception {
        Path home = Files.createDirectory(folder.resolve("home"));
        for (String open : new String[] {"rwxr-xr-x", "rwxrwxr-x", "rwx--x---"}) {
            Files.setPosixFilePermissions(home, PosixFilePermissions.fromString(open));

            PrivateFolder.create(home);

            assertThat(mode(home)).as(open).isEqualTo("rwx------");
        }
    }

    @Test
    void a_folder_that_every_user_may_write_is_refused_and_stays_as_it_is() throws Exception {
        Path shared = Files.createDirectory(folder.resolve("shared"));
        Files.setPosixFilePermissions(shared, PosixFilePermissions.fromString("rwxrwxrwx"));

        assertThatThrownBy(() -> PrivateFolder.create(shared))
                .isInstanceOfSatisfying(BackupException.class, e -> {
                    assertThat(e.problem()).isEqualTo(Problem.DENIED);
                    assertThat(e.hint())
                            .isEqualTo("give hyperkeep a folder of its own with HYPERKEEP_HOME, or make this one"
                                    + " private with chmod 700.");
                })
                .hasMessage(
                        "folder " + shared + " must be private, and its mode is rwxrwxrwx: every user may write there");
        assertThat(mode(shared)).isEqualTo("rwxrwxrwx");
    }

    private static String mode(Path path) throws IOException {
        return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    }
}
