package io.hyperkeep.archive;

import io.hyperkeep.runs.RunProgress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** How far pg_dump is, as far as its files tell. */
class FolderGrowthTest {
    @TempDir
    Path folder;

    @Test
    void what_is_written_is_shown_as_it_comes() throws Exception {
        RunProgress progress = new RunProgress();
        Path dump = folder.resolve("dump");
        try (FolderGrowth growth = new FolderGrowth(dump, progress)) {
            growth.begin();
            Files.createDirectory(dump);
            Files.write(dump.resolve("1.dat.zst"), new byte[1000]);
            shows(progress, 1000);
            Files.write(dump.resolve("2.dat.zst"), new byte[234]);
            shows(progress, 1234);
        }
    }

    private static void shows(RunProgress progress, long bytes) {
        Awaitility.await("it shows " + bytes + " bytes")
                .atMost(Duration.ofSeconds(20))
                .until(() -> progress.view().csvBytes() == bytes);
    }
}
