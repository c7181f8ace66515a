package io.hyperkeep.retention;

/**
 * A file that no backup needs.
 *
 * @param path in the store
 * @param bytes its length
 */
public record Garbage(String path, long bytes) {}
