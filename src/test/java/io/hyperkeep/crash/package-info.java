/**
 * What must not harm a backup or a restore: processes killed at any moment, servers and networks that fail, full and
 * broken disks, clocks that are set.
 *
 * <p>Moments are drawn from a seed that every test prints; {@code -Dhyperkeep.seed=} repeats them, as far as two runs of
 * several processes are ever the same. Each class has a short form, which is part of every build, and a long one, tagged
 * {@code long}: {@code mvn verify -Pcrash}.
 *
 * <p>The program's own word counts for nothing here: what came out is compared with SQL, and what is left behind is
 * looked for on disk and on the server.
 */
@NullMarked
package io.hyperkeep.crash;

import org.jspecify.annotations.NullMarked;
