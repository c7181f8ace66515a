/** Tests of addresses, connections and client programs; {@code TestConnections} serves other packages' tests too. */
@NullMarked
package io.hyperkeep.database;

import org.jspecify.annotations.NullMarked;
