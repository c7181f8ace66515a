package io.hyperkeep.config;

import java.nio.file.Path;

/**
 * A repository of the configuration file.
 *
 * @param folder where it is
 * @param given as written
 */
public record ConfiguredRepository(Path folder, Given given) {}
