package io.hyperkeep.notify;

import java.net.http.HttpRequest;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Calls a dead-man's switch, as healthchecks.io and its like have it: the end of the URL says what, the body has the summary. */
final class Ping implements Channel {
    private final ReceiverSettings.Ping settings;
    private final HttpCall http;

    Ping(ReceiverSettings.Ping settings, HttpCall http) {
        this.settings = settings;
        this.http = http;
    }

    @Override
    public void send(Notice notice, Event event, Duration atMost) throws Undelivered, InterruptedException {
        String end =
                switch (event) {
                    case FAILURE -> settings.failure();
                    // not a success: a test must not say that there is a backup
                    case TEST -> settings.start();
                    default -> settings.success();
                };
        call(end, notice, atMost);
    }

    /** Says that a backup begins. */
    void start(Notice notice, Duration atMost) throws Undelivered, InterruptedException {
        call(settings.start(), notice, atMost);
    }

    private void call(@Nullable String end, Notice notice, Duration atMost) throws Undelivered, InterruptedException {
        if (end != null) {
            http.run(
                    settings.url(),
                    end,
                    request -> request.POST(HttpRequest.BodyPublishers.ofString(notice.text())),
                    atMost);
        }
    }
}
