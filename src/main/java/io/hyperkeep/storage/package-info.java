/**
 * Where backups are kept: stores that hold files, the layout of a repository, codecs.
 *
 * <p>Invariants: a file is either absent or complete, because it is written under another name, forced to the disk
 * and renamed; a data file never changes once it has its name; nothing is readable by other users of the machine
 * (folders 0700, files 0600). Names of databases and tables become file names only through
 * {@link io.hyperkeep.storage.FileNames}.
 *
 * <p>It must not know databases, nor what rows are.
 */
@NullMarked
package io.hyperkeep.storage;

import org.jspecify.annotations.NullMarked;
