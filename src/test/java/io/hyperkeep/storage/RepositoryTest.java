package io.hyperkeep.storage;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.hyperkeep.problem.BackupException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RepositoryTest {
    @TempDir
    Path folder;

    @Test
    void a_creation_that_was_killed_is_done_again() throws Exception {
        Files.writeString(folder.resolve(".hyperkeep.json.tmp"), "{\n  \"form");

        Repository created = Repository.openOrCreate(folder);

        assertThat(created.id()).isEqualTo(Repository.open(folder).id()).isNotEmpty();
        assertThat(folder.resolve(".hyperkeep.json.tmp")).doesNotExist();
    }

    @Test
    void a_folder_with_anything_else_is_refused() throws Exception {
        Files.writeString(folder.resolve("notes.txt.tmp"), "");

        assertThatThrownBy(() -> Repository.openOrCreate(folder))
                .isInstanceOf(BackupException.class)
                .hasMessage("the folder " + folder + " is not a repository, and not empty: it has notes.txt.tmp");
    }
}
