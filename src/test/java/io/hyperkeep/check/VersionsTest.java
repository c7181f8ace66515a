package io.hyperkeep.check;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What no server at hand shows. */
class VersionsTest {
    @TempDir
    Path folder;

    @Test
    void says_which_servers_are_tested() {
        assertThat(text(
                        CheckServer.version(14, "14.19"),
                        CheckServer.version(15, "15.14 (Debian 15.14-0+deb12u1)"),
                        CheckServer.version(17, "17.11 (Debian 17.11-1)"),
                        CheckServer.version(19, "19.0")))
                .isEqualTo("""
                        ERROR server: PostgreSQL 14.19 is too old
                          hyperkeep works with PostgreSQL 15 and later.
                        WARNING server: PostgreSQL 15.14 should work, but is not tested
                          hyperkeep is tested with PostgreSQL 17 and 18: try a restore of a first backup before you rely on it.
                        OK server: PostgreSQL 17.11
                        WARNING server: PostgreSQL 19.0 is newer than this version knows
                          hyperkeep is tested with PostgreSQL 17 and 18: try a restore of a first backup before you rely on it.
                        """);
    }

    @Test
    void says_which_catalogs_are_known() {
        String hint =
                "  its catalog was read in tests from 2.19 to 2.31: try a restore of a first backup before you rely on it.\n";
        assertThat(text(
                        CheckTimescale.version("2.18.2", "Apache"),
                        CheckTimescale.version("2.19.0", "Apache"),
                        CheckTimescale.version("2.31.4", "Community"),
                        CheckTimescale.version("2.32.0-dev", "Community")))
                .isEqualTo("WARNING timescaledb: TimescaleDB 2.18.2, Apache edition: older than what is tested\n" + hint
                        + "OK timescaledb: TimescaleDB 2.19.0, Apache edition\n"
                        + "OK timescaledb: TimescaleDB 2.31.4, Community edition\n"
                        + "WARNING timescaledb: TimescaleDB 2.32.0-dev, Community edition: newer than this version knows\n"
                        + hint);
    }

    @Test
    void a_backup_that_will_not_fit_is_a_warning() throws Exception {
        assertThat(text(CheckRepository.space(folder, 4L << 60, List.of()))).isEqualTo("""
                WARNING space: N MiB free, a backup may take about 1099511627776 MiB (an estimate: a quarter of the tables' size on disk)
                  make room there, or choose a repository on a file system with more space.
                """);
    }

    private static String text(Finding... findings) {
        return CheckFixture.text(List.of(findings));
    }
}
