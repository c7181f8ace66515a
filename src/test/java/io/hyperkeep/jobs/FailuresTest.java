package io.hyperkeep.jobs;

import static org.assertj.core.api.Assertions.assertThat;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.sql.SQLException;
import org.junit.jupiter.api.Test;
import org.springframework.dao.DataAccessResourceFailureException;

/** What a person is told when the record of runs goes away under a run. */
class FailuresTest {
    private static final DataAccessResourceFailureException LOST = new DataAccessResourceFailureException(
            "JDBC rollback", new SQLException("Database is already closed [90121-240]"));

    @Test
    void a_run_that_lost_its_record_says_how_to_go_on() {
        BackupException failure = Failures.ofRecord(17, LOST);

        assertThat(failure.problem()).isEqualTo(Problem.STORAGE);
        assertThat(failure.text())
                .isEqualTo(
                        "run 17 broke off: the record of runs was lost in the middle of a change: Database is already"
                                + " closed [90121-240]\nHINT: `hyperkeep runs restart 17` tries it again and repeats only what is"
                                + " needed; where many processes share the record, let PostgreSQL keep it (metadata.url)");
    }

    @Test
    void one_that_had_no_number_yet_is_begun_again() {
        assertThat(Failures.ofRecord(0, LOST).text())
                .isEqualTo("a run could not begin: the record of runs was lost in the middle of a change: Database is"
                        + " already closed [90121-240]\nHINT: try again; where many processes share the record, let"
                        + " PostgreSQL keep it (metadata.url)");
    }
}
