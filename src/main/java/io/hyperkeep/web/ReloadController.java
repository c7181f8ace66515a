package io.hyperkeep.web;

import io.hyperkeep.config.ServeConfiguration;
import io.hyperkeep.problem.BackupException;
import java.util.LinkedHashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RestController;

/** {@code POST /reload}: as SIGHUP, with an answer. */
@RestController
class ReloadController {
    private static final int UNPROCESSABLE = 422;

    private final ServeConfiguration configuration;

    ReloadController(ServeConfiguration configuration) {
        this.configuration = configuration;
    }

    @PostMapping("/reload")
    ResponseEntity<Map<String, ?>> reload() {
        try {
            return ResponseEntity.ok(Map.of("schedules", configuration.reload()));
        } catch (BackupException e) {
            Map<String, @Nullable String> error = new LinkedHashMap<>();
            error.put("code", e.problem().code());
            error.put("message", e.getMessage());
            error.put("hint", e.hint());
            return ResponseEntity.status(UNPROCESSABLE).body(Map.of("error", error));
        }
    }
}
