package io.hyperkeep.cli;

import io.hyperkeep.config.ClosestName;
import io.hyperkeep.config.Configuration;
import io.hyperkeep.config.ConfigurationSource;
import io.hyperkeep.problem.Problem;
import java.util.List;
import java.util.function.BiFunction;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/** Every command, and what happens between the arguments and the exit code. */
public final class CommandTree {
    private final Session session;
    private final GlobalOptions global = new GlobalOptions();
    private final Surroundings surroundings;

    /**
     * @param surroundings of the process
     * @param startEngine starts Spring, for the commands that need it
     */
    public CommandTree(Surroundings surroundings, BiFunction<Configuration, LogLines, Engine> startEngine) {
        this(surroundings, startEngine, (source, logs) -> {
            throw new IllegalStateException("the daemon is not in this build");
        });
    }

    /**
     * @param surroundings of the process
     * @param startEngine starts Spring, for the commands that need it
     * @param startDaemon starts Spring with what the daemon needs
     */
    public CommandTree(
            Surroundings surroundings,
            BiFunction<Configuration, LogLines, Engine> startEngine,
            BiFunction<ConfigurationSource, LogLines, Daemon> startDaemon) {
        this.surroundings = surroundings;
        this.session = new Session(surroundings, global, startEngine, startDaemon);
    }

    /** Runs the command that the arguments name and returns the exit code. */
    public int run(String... arguments) {
        try {
            return parser(arguments).execute(arguments);
        } catch (Throwable e) {
            // even an OutOfMemoryError is told in a line
            return session.failures().report(e);
        }
    }

    private CommandLine parser(String... arguments) {
        CommandLine root = new CommandLine(new RootCommand(global))
                .addSubcommand(new CheckCommand(session))
                .addSubcommand(new BackupCommand(session))
                .addSubcommand(new CommandLine(new BackupsCommand(session))
                        .addSubcommand(new PinCommand.Pin(session))
                        .addSubcommand(new PinCommand.Unpin(session)))
                .addSubcommand(new ShowCommand(session))
                .addSubcommand(new RestoreCommand(session))
                .addSubcommand(new VerifyCommand(session))
                .addSubcommand(new CompareCommand(session))
                .addSubcommand(new DrillCommand(session))
                .addSubcommand(new RepairCommand(session))
                .addSubcommand(new PruneCommand(session))
                .addSubcommand(new CommandLine(new RunsCommand(session))
                        .addSubcommand(new RunsListCommand(session))
                        .addSubcommand(new RunsShowCommand(session))
                        .addSubcommand(new RunsRestartCommand(session))
                        .addSubcommand(new RunsStopCommand(session))
                        .addSubcommand(new RunsRecoverCommand(session))
                        .addSubcommand(new RunsAbandonCommand(session)))
                .addSubcommand(new SchedulesCommand(session))
                .addSubcommand(new ServeCommand(session))
                .addSubcommand(new CommandLine(new NotifyCommand()).addSubcommand(new NotifyTestCommand(session)))
                .addSubcommand(new CommandLine(new ConfigCommand())
                        .addSubcommand(new ConfigExampleCommand(session))
                        .addSubcommand(new ConfigCheckCommand(session))
                        .addSubcommand(new ConfigShowCommand(session)));
        root.getCommandSpec().versionProvider(new ReadVersion());
        layOut(root);
        return root.setDefaultValueProvider(new EnvironmentDefaults(surroundings.environment()))
                .setAbbreviatedOptionsAllowed(false)
                .setUsageHelpAutoWidth(false)
                .setUsageHelpWidth(100)
                .setOut(surroundings.out())
                .setExecutionExceptionHandler(
                        (failure, command, parsed) -> session.failures().report(failure))
                .setParameterExceptionHandler((problem, args) -> usage(problem, arguments));
    }

    private static void layOut(CommandLine command) {
        command.getCommandSpec()
                .usageMessage()
                .sortOptions(false)
                .parameterListHeading("%n")
                .optionListHeading("%nOptions:%n")
                .commandListHeading("%nCommands:%n");
        command.getSubcommands().values().forEach(CommandTree::layOut);
    }

    private int usage(ParameterException problem, String... arguments) {
        CommandLine command = problem.getCommandLine();
        // the parser may have stopped before it came to --output
        String all = " " + String.join(" ", arguments) + " ";
        boolean json = global.json()
                || all.contains(" --output json ")
                || all.contains(" --output=json ")
                || "json".equals(surroundings.environment().get("HYPERKEEP_OUTPUT")) && !all.contains(" --output");
        String name = command.getCommandSpec().qualifiedName();
        return new ReportFailure(surroundings.screen(), json, global.verbose)
                .report(
                        Problem.USAGE,
                        message(problem, command),
                        "`" + name + " --help` lists its options and commands.");
    }

    private static String message(ParameterException problem, CommandLine command) {
        if (!(problem instanceof UnmatchedArgumentException unmatched)
                || unmatched.getUnmatched().isEmpty()) {
            return problem.getMessage();
        }
        String word = unmatched.getUnmatched().get(0);
        if (word.startsWith("-")) {
            List<String> options = command.getCommandSpec().options().stream()
                    .map(OptionSpec::longestName)
                    .toList();
            String flag = word.contains("=") ? word.substring(0, word.indexOf('=')) : word;
            return "there is no option '" + flag + "'" + ClosestName.question(flag, options);
        }
        return command.getSubcommands().isEmpty()
                ? "'" + word + "' is one argument too many"
                : "there is no command '" + word + "'"
                        + ClosestName.question(word, command.getSubcommands().keySet());
    }
}
