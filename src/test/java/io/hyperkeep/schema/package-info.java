/** Tests of dumping, choosing and restoring schemas, by themselves and against real servers. */
@NullMarked
package io.hyperkeep.schema;

import org.jspecify.annotations.NullMarked;
