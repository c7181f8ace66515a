package io.hyperkeep.storage;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.net.SocketTimeoutException;
import java.nio.file.AccessDeniedException;
import java.nio.file.FileSystemException;
import java.nio.file.NoSuchFileException;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class StorageErrorsTest {
    @ParameterizedTest
    @ValueSource(
            strings = {
                "Input/output error",
                "Resource temporarily unavailable",
                "Device or resource busy",
                "Stale file handle",
                "Connection timed out",
                "Too many open files"
            })
    void a_hiccup_is_worth_another_try(String reason) {
        assertThat(StorageErrors.writing("f", new IOException(reason)).isPassing())
                .isTrue();
        assertThat(StorageErrors.reading("f", new FileSystemException("f", null, reason))
                        .isPassing())
                .isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "No space left on device",
                "Disk quota exceeded",
                "Read-only file system",
                "File name too long",
                "Is a directory"
            })
    void a_full_disk_fails_at_once(String reason) {
        assertThat(StorageErrors.writing("f", new IOException(reason)).isPassing())
                .isFalse();
    }

    @Test
    void so_does_what_is_missing_or_denied() {
        assertThat(StorageErrors.writing("f", new NoSuchFileException("f")).isPassing())
                .isFalse();
        assertThat(StorageErrors.writing("f", new AccessDeniedException("f")).isPassing())
                .isFalse();
        assertThat(StorageErrors.writing("f", new IOException()).isPassing()).isFalse();
        assertThat(StorageErrors.writing("f", new SocketTimeoutException("read"))
                        .isPassing())
                .isTrue();
    }
}
