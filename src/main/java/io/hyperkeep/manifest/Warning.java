package io.hyperkeep.manifest;

/**
 * Something that the backup does not carry, or not as asked for; a run with warnings ends with exit code 3.
 *
 * @param code fixed name for scripts, lower case with hyphens
 * @param text what, on which object
 */
public record Warning(String code, String text) {}
