package io.hyperkeep.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.PatternLayout;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.AppenderBase;
import org.slf4j.ILoggerFactory;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Sends log lines to the screen, above the live line. Set up in code: reading logback's XML costs more than a command. */
public final class LogLines {
    private final Screen screen;
    private final boolean quiet;
    private final boolean verbose;

    /**
     * @param screen where lines go
     * @param quiet errors only
     * @param verbose more than usual
     */
    public LogLines(Screen screen, boolean quiet, boolean verbose) {
        this.screen = screen;
        this.quiet = quiet;
        this.verbose = verbose;
    }

    /** Sets up logging for this process; until then it is as {@link LogErrors} says. */
    public void begin() {
        ILoggerFactory factory = LoggerFactory.getILoggerFactory();
        if (!(factory instanceof LoggerContext context)) {
            return;
        }
        context.reset();
        PatternLayout layout = new PatternLayout();
        layout.setContext(context);
        layout.setPattern(
                verbose
                        ? "%d{HH:mm:ss.SSS,UTC} %-5level %logger{24} [%thread] %msg%n"
                        : "%d{HH:mm:ss,UTC} %-5level %msg%n%nopex");
        layout.start();
        ToScreen appender = new ToScreen(screen, layout);
        appender.setContext(context);
        appender.start();
        context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME).addAppender(appender);
        level(context, org.slf4j.Logger.ROOT_LOGGER_NAME, quiet ? Level.ERROR : verbose ? Level.INFO : Level.WARN);
        level(context, "io.hyperkeep", quiet ? Level.ERROR : verbose ? Level.DEBUG : Level.INFO);
        if (!verbose) {
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

    private static void level(LoggerContext context, String logger, Level level) {
        context.getLogger(logger).setLevel(level);
    }

    /** Writes each event as lines of the screen. */
    private static final class ToScreen extends AppenderBase<ILoggingEvent> {
        private final Screen screen;
        private final PatternLayout layout;

        ToScreen(Screen screen, PatternLayout layout) {
            this.screen = screen;
            this.layout = layout;
        }

        @Override
        protected void append(ILoggingEvent event) {
            screen.line(ReportFailure.masked(layout.doLayout(event).stripTrailing()));
        }
    }
}
