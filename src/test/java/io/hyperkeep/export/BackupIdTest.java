package io.hyperkeep.export;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.storage.Repository;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class BackupIdTest {
    private static final Instant TIME = Instant.parse("2026-11-22T02:15:00.5Z");

    @TempDir
    Path folder;

    private Repository repository;

    @BeforeEach
    void create() {
        repository = Repository.openOrCreate(folder);
    }

    @Test
    void an_id_is_the_time_and_tells_backups_of_one_second_apart() {
        assertThat(begin(TIME)).isEqualTo("20261122T021500Z");
        assertThat(begin(TIME)).isEqualTo("20261122T021500Z-2");
        assertThat(begin(TIME.plusMillis(400))).isEqualTo("20261122T021500Z-3");
        assertThat(begin(TIME.plusSeconds(1))).isEqualTo("20261122T021501Z");
    }

    @Test
    void a_later_backup_has_a_later_id_although_the_clock_was_set_back() {
        begin(TIME);

        assertThat(begin(TIME.minusSeconds(3600))).isEqualTo("20261122T021501Z");
        assertThat(begin(TIME.minusSeconds(3000))).isEqualTo("20261122T021502Z");
        assertThat(begin(TIME.plusSeconds(60))).isEqualTo("20261122T021600Z");
    }

    @Test
    void a_folder_that_is_somebody_elses_has_no_say() throws Exception {
        for (String name : new String[] {"20991122T021500", "notes", "20991322T021500Z", "20991122T021500Z.old"}) {
            Files.createDirectories(folder.resolve("db/backups").resolve(name));
        }

        assertThat(begin(TIME)).isEqualTo("20261122T021500Z");
    }

    private String begin(Instant started) {
        return SealBackup.begin(repository, "db", started).id();
    }
}
