/**
 * The whole program against real servers: what goes in has to come out.
 *
 * <p>What came out is judged by {@code DatabaseContents}, which shares nothing with the program's own comparison.
 */
@NullMarked
package io.hyperkeep.scenario;

import org.jspecify.annotations.NullMarked;
