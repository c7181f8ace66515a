package io.hyperkeep.check;

import java.sql.SQLException;
import java.util.List;

/** Looks at one thing. */
@FunctionalInterface
interface Check {
    /** What it saw; at least one finding, so that a reader knows that it looked. */
    List<Finding> run(Subject subject) throws SQLException;
}
