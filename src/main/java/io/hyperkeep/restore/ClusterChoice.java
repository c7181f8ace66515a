package io.hyperkeep.restore;

import io.hyperkeep.plan.DatabaseSelection;

/**
 * What of a cluster's backup is restored.
 *
 * @param databases which databases
 * @param globalsOnly no database: only roles, their memberships and settings, and tablespaces
 * @param tablespaces whether tablespaces are made and used; else everything goes to the default ones
 */
public record ClusterChoice(DatabaseSelection databases, boolean globalsOnly, boolean tablespaces) {
    /** Everything. */
    public static final ClusterChoice ALL = new ClusterChoice(DatabaseSelection.ALL, false, true);
}
