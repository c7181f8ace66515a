/**
 * Where backups are kept: stores that hold files, the layout of a repository, who works in it, codecs.
 *
 * <p>Invariants: a file is either absent or complete, because it is written under another name, forced to the disk
 * and renamed; a data file never changes once it has its name; nothing is readable by other users of the machine
 * (folders 0700, files 0600). Names of databases and tables become file names only through
 * {@link io.hyperkeep.storage.FileNames}.
 *
 * <p>Whoever writes a backup, deletes, or relies on a backup's staying holds a lock of
 * {@link io.hyperkeep.storage.FolderLocks} on the database's folder from before the first look to after the last one.
 *
 * <p>It must not know databases, nor what rows are.
 */
@NullMarked
package io.hyperkeep.storage;

import org.jspecify.annotations.NullMarked;
