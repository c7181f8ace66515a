package io.hyperkeep.cli;

import io.hyperkeep.config.Paths;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.Charset;
import java.nio.file.Path;
import java.time.Clock;
import java.util.Map;

/**
 * What the process is surrounded by, so that tests can surround a command with something else.
 *
 * @param environment environment variables
 * @param paths the current folder and the user's
 * @param out standard output
 * @param screen standard error
 * @param clock tells the time
 */
public record Surroundings(Map<String, String> environment, Paths paths, PrintWriter out, Screen screen, Clock clock) {
    public Surroundings {
        environment = Map.copyOf(environment);
    }

    /** Those of this process. */
    public static Surroundings ofProcess() {
        PrintWriter err = writer(FileDescriptor.err, "stderr.encoding");
        return new Surroundings(
                System.getenv(),
                new Paths(Path.of(System.getProperty("user.home")), Path.of("").toAbsolutePath()),
                writer(FileDescriptor.out, "stdout.encoding"),
                new Screen(err, terminal()),
                Clock.systemUTC());
    }

    /** The launcher asks the shell, which knows about each stream; System.console() is null if any is redirected. */
    private static boolean terminal() {
        String told = System.getProperty("hyperkeep.terminal");
        return told == null ? System.console() != null : Boolean.parseBoolean(told);
    }

    private static PrintWriter writer(FileDescriptor descriptor, String encoding) {
        Charset charset = Charset.forName(System.getProperty(encoding, System.getProperty("native.encoding", "UTF-8")));
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(descriptor), charset), false);
    }
}
