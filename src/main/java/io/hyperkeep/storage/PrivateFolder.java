package io.hyperkeep.storage;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Set;

/** A folder that only its owner may enter, whatever the files in it allow. Pure functions. */
public final class PrivateFolder {
    private static final Set<PosixFilePermission> OWNER_ONLY = PosixFilePermissions.fromString("rwx------");

    private PrivateFolder() {}

    /**
     * Creates the folder with mode 0700, or takes away what a folder that is there allows others. A folder that every user may
     * write is not changed: it is shared with others, as {@code /tmp} is.
     *
     * @return the folder
     * @throws BackupException DENIED when it stays open to others; STORAGE when it cannot be created or looked at
     */
    public static Path create(Path folder) {
        try {
            if (!FileKind.isFolder(folder)) {
                Path parent = folder.getParent();
                if (parent != null) {
                    Files.createDirectories(parent);
                }
                return Files.createDirectories(folder, PosixFilePermissions.asFileAttribute(OWNER_ONLY));
            }
            Set<PosixFilePermission> mode = Files.getPosixFilePermissions(folder);
            if (mode.contains(PosixFilePermission.OTHERS_WRITE)) {
                throw open(folder, mode, "every user may write there");
            }
            if (!OWNER_ONLY.containsAll(mode)) {
                tighten(folder, mode);
            }
            return folder;
        } catch (IOException e) {
            throw StorageErrors.writing(folder.toString(), e);
        }
    }

    private static void tighten(Path folder, Set<PosixFilePermission> mode) throws IOException {
        try {
            Files.setPosixFilePermissions(folder, OWNER_ONLY);
        } catch (IOException e) {
            throw open(
                    folder,
                    mode,
                    "it belongs to user " + Files.getOwner(folder).getName() + ", and others may look into it");
        }
    }

    private static BackupException open(Path folder, Set<PosixFilePermission> mode, String why) {
        return new BackupException(
                Problem.DENIED,
                "folder " + folder + " must be private, and its mode is " + PosixFilePermissions.toString(mode) + ": "
                        + why,
                "give hyperkeep a folder of its own with HYPERKEEP_HOME, or make this one private with chmod 700.");
    }
}
