package io.hyperkeep.notify;

import io.hyperkeep.notify.ReceiverSettings.Email.Security;
import io.hyperkeep.problem.BackupException;
import io.hyperkeep.secret.Secret;
import jakarta.mail.AuthenticationFailedException;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.SendFailedException;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.AddressException;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Date;
import java.util.Properties;
import javax.net.ssl.SSLException;

/** Sends a notice as a plain text mail. */
final class Mail implements Channel {
    private final ReceiverSettings.Email settings;

    Mail(ReceiverSettings.Email settings) {
        this.settings = settings;
    }

    @Override
    public void send(Notice notice, Event event, Duration atMost) throws Undelivered {
        try {
            Secret secret = settings.password();
            String password = secret == null ? null : secret.read();
            Session session = Session.getInstance(properties(atMost));
            MimeMessage message = message(session, notice);
            try (Transport transport = session.getTransport("smtp")) {
                transport.connect(settings.host(), settings.port(), settings.user(), password);
                transport.sendMessage(message, message.getAllRecipients());
            }
        } catch (BackupException e) {
            throw new Undelivered(e.getMessage(), false);
        } catch (AuthenticationFailedException e) {
            throw new Undelivered("it refused the login of " + settings.user(), false);
        } catch (AddressException | SendFailedException e) {
            throw new Undelivered("it did not take the mail: " + oneLine(e), false);
        } catch (MessagingException e) {
            throw new Undelivered("the mail could not be handed over: " + oneLine(e), isPassing(e));
        }
    }

    /** A connection that broke or could not be had; a certificate that is not trusted today will not be in a second. */
    private static boolean isPassing(MessagingException e) {
        return e.getCause() instanceof IOException cause && !(cause instanceof SSLException);
    }

    private static String oneLine(MessagingException e) {
        return String.valueOf(e.getMessage()).replaceAll("\\s+", " ").strip();
    }

    private MimeMessage message(Session session, Notice notice) throws MessagingException {
        MimeMessage message = new MimeMessage(session);
        message.setFrom(new InternetAddress(settings.from()));
        for (String to : settings.to()) {
            message.addRecipient(Message.RecipientType.TO, new InternetAddress(to));
        }
        message.setSubject("hyperkeep: " + notice.summary(), StandardCharsets.UTF_8.name());
        message.setText(notice.text(), StandardCharsets.UTF_8.name());
        message.setSentDate(Date.from(notice.at()));
        // so that no vacation message is sent in answer
        message.setHeader("Auto-Submitted", "auto-generated");
        return message;
    }

    private Properties properties(Duration atMost) {
        String millis = String.valueOf(atMost.toMillis());
        Properties properties = new Properties();
        properties.setProperty("mail.smtp.connectiontimeout", millis);
        properties.setProperty("mail.smtp.timeout", millis);
        // these end when the thread is interrupted, which sockets do not: a server may send a byte now and then for
        // ever
        properties.setProperty("mail.smtp.usesocketchannels", "true");
        properties.setProperty("mail.smtp.auth", String.valueOf(settings.user() != null));
        properties.setProperty("mail.smtp.ssl.enable", String.valueOf(settings.security() == Security.TLS));
        properties.setProperty("mail.smtp.starttls.enable", String.valueOf(settings.security() == Security.STARTTLS));
        properties.setProperty("mail.smtp.starttls.required", String.valueOf(settings.security() == Security.STARTTLS));
        return properties;
    }
}
