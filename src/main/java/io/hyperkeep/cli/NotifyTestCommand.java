package io.hyperkeep.cli;

import io.hyperkeep.config.ClosestName;
import io.hyperkeep.notify.NotifyReceivers;
import io.hyperkeep.notify.ReceiverSettings;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.problem.Problem;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code notify test}: whether receivers hear. */
@Command(name = "test", description = "Send a test to every receiver of the configuration, or to one.")
final class NotifyTestCommand implements Callable<Integer> {
    private final Session session;

    @Parameters(arity = "0..1", paramLabel = "RECEIVER", description = "Its name in the configuration; default: all.")
    @Nullable
    String receiver;

    NotifyTestCommand(Session session) {
        this.session = session;
    }

    @Override
    public Integer call() {
        Columns table = new Columns("RECEIVER", "TOLD");
        List<Map<String, @Nullable Object>> documents = new ArrayList<>();
        boolean all = true;
        for (ReceiverSettings one : chosen()) {
            String whyNot = NotifyReceivers.test(one, session.surroundings().clock());
            all &= whyNot == null;
            table.row(one.name(), whyNot == null ? "yes" : "no: " + whyNot);
            Map<String, @Nullable Object> document = new LinkedHashMap<>();
            document.put("receiver", one.name());
            document.put("told", whyNot == null);
            document.put("failure", whyNot);
            documents.add(document);
        }
        session.results().print(Map.of("receivers", documents), table::toString);
        return all ? 0 : 1;
    }

    private List<ReceiverSettings> chosen() {
        Map<String, ReceiverSettings> receivers =
                session.configuration().around().receivers();
        if (receiver == null) {
            if (receivers.isEmpty()) {
                throw new BackupException(
                        Problem.NOT_FOUND,
                        "no receiver is configured",
                        "`hyperkeep config example` shows the section notify.");
            }
            return List.copyOf(receivers.values());
        }
        ReceiverSettings one = receivers.get(receiver);
        if (one == null) {
            throw new BackupException(
                    Problem.NOT_FOUND,
                    "there is no receiver '" + receiver + "' in the configuration"
                            + ClosestName.question(receiver, receivers.keySet()),
                    receivers.isEmpty()
                            ? null
                            : "configured receivers: " + String.join(", ", receivers.keySet()) + ".");
        }
        return List.of(one);
    }
}
