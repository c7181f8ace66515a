package io.hyperkeep.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import ch.qos.logback.core.Layout;
import io.hyperkeep.config.LoggingSettings;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sends log lines to the screen, above the live line. Set up in code: reading logback's XML costs more than a command. */
public final class LogLines {
    private final Screen screen;
    private final boolean quiet;
    private final boolean verbose;
    private final boolean lasting;

    /**
     * Those of a command that does one thing.
     *
     * @param screen where lines go
     * @param quiet errors only
     * @param verbose more than usual
     */
    public LogLines(Screen screen, boolean quiet, boolean verbose) {
        this(screen, quiet, verbose, false);
    }

    private LogLines(Screen screen, boolean quiet, boolean verbose, boolean lasting) {
        this.screen = screen;
        this.quiet = quiet;
        this.verbose = verbose;
        this.lasting = lasting;
    }

    /** The same for a process that lasts and has several runs: its lines say the date, and which run they are of. */
    public LogLines lasting() {
        return new LogLines(screen, quiet, verbose, true);
    }

    /**
     * Sets up logging for this process; until then it is as {@link LogErrors} says.
     *
     * @param settings as configured; the flags are stronger
     */
    public void begin(LoggingSettings settings) {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (!(factory instanceof LoggerContext context)) {
            return;
        }
        context.reset();
        Level level = level(settings);
        boolean detailed = level == Level.DEBUG;
        Layout<ILoggingEvent> layout = settings.format() == LoggingSettings.Format.JSON
                ? new JsonLogLayout(detailed)
                : new TextLogLayout(detailed, lasting);
        layout.setContext(context);
        layout.start();
        ToScreen appender = new ToScreen(screen, layout);
        appender.setContext(context);
        appender.start();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
        level(context, org.slf4j.Logger.ROOT_LOGGER_NAME, detailed ? Level.INFO : atLeast(level, Level.WARN));
        level(context, "io.hyperkeep", level);
        if (!detailed) {
            // a failed step is reported by the command, once, with what to do; these would add a stack trace
            level(context, "org.springframework.batch", Level.OFF);
            level(context, "org.springframework.boot", Level.OFF);
            level(context, "org.springframework.context", Level.ERROR);
            // Flyway warns of every H2 that is newer than itself, pgjdbc of every failure that it also throws
            level(context, "org.flywaydb", Level.ERROR);
            level(context, "org.postgresql", Level.OFF);
            level(context, "com.zaxxer.hikari", Level.OFF);
        }
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
    }

    private Level level(LoggingSettings settings) {
        return quiet
                ? Level.ERROR
                : verbose ? Level.DEBUG : Level.valueOf(settings.level().name());
    }

    private static Level atLeast(Level level, Level least) {
        return level.isGreaterOrEqual(least) ? level : least;
    }

    private static void level(LoggerContext context, String logger, Level level) {
        context.getLogger(logger).setLevel(level);
    }

    /** Writes each event as lines of the screen. */
    private static final class ToScreen extends AppenderBase<ILoggingEvent> {
        private final Screen screen;
        private final Layout<ILoggingEvent> layout;

        ToScreen(Screen screen, Layout<ILoggingEvent> layout) {
            this.screen = screen;
            this.layout = layout;
        }

        @Override
        protected void append(ILoggingEvent event) {
            screen.line(layout.doLayout(event));
        }
    }
}
