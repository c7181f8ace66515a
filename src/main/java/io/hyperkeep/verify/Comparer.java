package io.hyperkeep.verify;

import io.hyperkeep.discovery.Inventory;
import java.util.List;

/**
 * Compares one sort of thing that a database is made of. A pure function of what the manifest says and of what was read
 * from the catalog; those that there are, are listed in {@link CompareStructure}.
 */
@FunctionalInterface
interface Comparer {
    /** Every difference; what the database has besides does not matter unless {@link Expected} says so. */
    List<Finding> compare(Expected expected, Inventory found);
}
