package io.hyperkeep.notify;

import io.hyperkeep.problem.BackupException;
import io.hyperkeep.secret.ReadSecret;
import io.hyperkeep.secret.Secret;
import java.net.http.HttpRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.json.JsonMapper;

/** Posts a notice as JSON. */
final class Webhook implements Channel {
    private final ReceiverSettings.Webhook settings;
    private final HttpCall http;
    private final JsonMapper json = new JsonMapper();

    Webhook(ReceiverSettings.Webhook settings, HttpCall http) {
        this.settings = settings;
        this.http = http;
    }

    @Override
    public void send(Notice notice, Event event, Duration atMost) throws Undelivered, InterruptedException {
        String template = settings.template();
        String body = template == null
                ? json.writeValueAsString(notice.document(event))
                : Template.fill(template, notice, event);
        List<String> headers = headers();
        http.run(
                settings.url(),
                "",
                request -> {
                    request.header("Content-Type", "application/json");
                    for (String header : headers) {
                        int colon = header.indexOf(':');
                        if (colon < 0) {
                            throw new IllegalArgumentException("a header without a colon");
                        }
                        request.setHeader(
                                header.substring(0, colon).strip(),
                                header.substring(colon + 1).strip());
                    }
                    return request.POST(HttpRequest.BodyPublishers.ofString(body));
                },
                atMost);
    }

    private List<String> headers() throws Undelivered {
        List<String> headers =
                new ArrayList<>(settings.headers().stream().map(Secret::read).toList());
        if (settings.headersFile() != null) {
            try {
                new ReadSecret("headers")
                        .lines(settings.headersFile()).stream()
                                .filter(line -> !line.isBlank())
                                .forEach(headers::add);
            } catch (BackupException e) {
                throw new Undelivered(e.getMessage(), false);
            }
        }
        return headers;
    }
}
