package io.hyperkeep.config;

import java.nio.file.Path;

/**
 * Resolves paths as people write them.
 *
 * @param userHome what {@code ~} stands for
 * @param folder what relative paths start from
 */
public record Paths(Path userHome, Path folder) {
    /**
     * The absolute path that is meant.
     *
     * @throws java.nio.file.InvalidPathException when no path can be called so
     */
    public Path resolve(String text) {
        if (text.equals("~") || text.startsWith("~/")) {
            return userHome.resolve(text.substring(Math.min(2, text.length()))).normalize();
        }
        return folder.resolve(text).toAbsolutePath().normalize();
    }

    /** The same, for paths in a file: they start from the file's folder. */
    Paths from(Path file) {
        Path parent = file.toAbsolutePath().getParent();
        return new Paths(userHome, parent == null ? folder : parent);
    }
}
