package org.draugar.notifications;

import jakarta.inject.Inject;
import jakarta.inject.Singleton;
import jakarta.mail.Authenticator;
import jakarta.mail.Message;
import jakarta.mail.MessagingException;
import jakarta.mail.PasswordAuthentication;
import jakarta.mail.Session;
import jakarta.mail.Transport;
import jakarta.mail.internet.InternetAddress;
import jakarta.mail.internet.MimeMessage;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.charset.StandardCharsets;
import java.util.Date;
import java.util.Optional;
import java.util.Properties;
import org.draugar.settings.Settings;
import org.draugar.settings.Smtp;

/** E-mail (RFC 5322), through the server that the operator has named. Thread-safe. */
@Singleton
class Mail {
    private static final Logger LOG = System.getLogger(Mail.class.getName());

    /** By which calls of it are told from those of other places. */
    static final String PLACE = "smtp";

    private static final String MILLIS = "10000";

    private final Optional<Smtp> smtp;
    private final String link;

    @Inject
    Mail(Settings settings) {
        smtp = settings.smtp();
        link = settings.url().map(url -> "\n\n" + url).orElse("");
    }

    /** Whether this server can send any. */
    boolean isPossible() {
        return smtp.isPresent();
    }

    /** Sends the code by which a member shows that an address is theirs. */
    boolean sendCode(String to, String code) {
        try {
            send(
                    to,
                    code,
                    "Your code for Draugar",
                    "Somebody, hopefully you, wants to be notified at this address. Your code: " + code
                            + "\n\nIf it was not you, you need not do anything.");
            return true;
        } catch (MessagingException e) {
            LOG.log(
                    Level.WARNING,
                    "The mail server took no code: {0}",
                    e.getClass().getSimpleName());
            return false;
        }
    }

    /** @param id by which a mailbox tells that it has the same mail twice */
    void send(String to, String id, String subject, String text) throws MessagingException {
        Smtp server = smtp.orElseThrow(() -> new MessagingException("This server sends no mail"));
        MimeMessage message = new Identified(session(server), id, server.from());
        message.setFrom(new InternetAddress(server.from()));
        message.setRecipient(Message.RecipientType.TO, new InternetAddress(to, true));
        message.setSubject(subject, StandardCharsets.UTF_8.name());
        message.setText(text + link, StandardCharsets.UTF_8.name());
        message.setSentDate(new Date());
        // RFC 3834, 5: nobody's absence note answers it.
        message.setHeader("Auto-Submitted", "auto-generated");
        Transport.send(message);
    }

    private static Session session(Smtp server) {
        boolean isOpen = server.user().isEmpty();
        String protocol = server.tls() ? "smtps" : "smtp";
        Properties properties = new Properties();
        properties.put("mail.transport.protocol.rfc822", protocol);
        String prefix = "mail." + protocol + ".";
        properties.put(prefix + "host", server.host());
        properties.put(prefix + "port", Integer.toString(server.port()));
        properties.put(prefix + "auth", Boolean.toString(!isOpen));
        properties.put(prefix + "starttls.enable", "true");
        // A password goes nowhere in the clear.
        properties.put(prefix + "starttls.required", Boolean.toString(!isOpen && !server.tls()));
        properties.put(prefix + "ssl.checkserveridentity", "true");
        properties.put(prefix + "connectiontimeout", MILLIS);
        properties.put(prefix + "timeout", MILLIS);
        properties.put(prefix + "writetimeout", MILLIS);
        return Session.getInstance(properties, new Authenticator() {
            @Override
            protected PasswordAuthentication getPasswordAuthentication() {
                return isOpen ? null : new PasswordAuthentication(server.user(), server.password());
            }
        });
    }

    private static final class Identified extends MimeMessage {
        private final String id;

        Identified(Session session, String id, String from) {
            super(session);
            this.id = "<" + id + from.substring(from.indexOf('@')) + ">";
        }

        @Override
        protected void updateMessageID() throws MessagingException {
            setHeader("Message-ID", id);
        }
    }
}
