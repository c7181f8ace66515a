package io.hyperkeep.storage;

import io.hyperkeep.manifest.Manifest;
import io.hyperkeep.manifest.ManifestJson;
import io.hyperkeep.manifest.UnreadableManifest;
import java.io.BufferedInputStream;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestInputStream;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/**
 * {@code manifest.json} and, beside it, its checksum as {@code sha256sum} writes it: everything else in a backup is
 * vouched for by the manifest, and only this file vouches for the manifest.
 */
final class ManifestFile {
    /** The name of the file with the checksum. */
    static final String CHECKSUM = BackupFolder.MANIFEST + ".sha256";

    private ManifestFile() {}

    /**
     * Writes both. The checksum is there before the manifest has its name, so a backup that was sealed has it.
     *
     * @param folder the backup's folder in the store
     */
    static void write(BackupStore store, String folder, Manifest manifest) throws IOException {
        MessageDigest sha256 = sha256();
        try (PendingFile file = store.begin(folder, BackupFolder.MANIFEST);
                OutputStream out = new DigestOutputStream(new BufferedOutputStream(file.stream()), sha256)) {
            new ManifestJson().write(manifest, out);
            out.flush();
            try (PendingFile checksum = store.begin(folder, CHECKSUM)) {
                String line = HexFormat.of().formatHex(sha256.digest()) + "  " + BackupFolder.MANIFEST + "\n";
                checksum.stream().write(line.getBytes(StandardCharsets.US_ASCII));
                checksum.commit(CHECKSUM);
            }
            file.commit(BackupFolder.MANIFEST);
        }
    }

    /**
     * Reads the manifest. One without a checksum file is believed: earlier versions wrote none.
     *
     * @param folder the backup's folder
     * @throws UnreadableManifest when it is not one, is of a newer format, or differs from its checksum
     */
    static Manifest read(Path folder) throws IOException, UnreadableManifest {
        MessageDigest sha256 = sha256();
        try (InputStream in = new DigestInputStream(
                new BufferedInputStream(Files.newInputStream(folder.resolve(BackupFolder.MANIFEST))), sha256)) {
            Manifest manifest = new ManifestJson().read(in);
            // what a parser does not need is part of the file too
            in.transferTo(OutputStream.nullOutputStream());
            Path checksum = folder.resolve(CHECKSUM);
            if (FileKind.exists(checksum)) {
                String line = new String(Files.readAllBytes(checksum), StandardCharsets.ISO_8859_1);
                if (!line.startsWith(HexFormat.of().formatHex(sha256.digest()) + " ")) {
                    throw new UnreadableManifest(
                            "it is cut or altered: its checksum is not the one in " + CHECKSUM, null);
                }
            }
            return manifest;
        }
    }

    private static MessageDigest sha256() {
        try {
            return MessageDigest.getInstance("SHA-256");
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException("every Java has SHA-256", e);
        }
    }
}
