"""Mail by the SMTP server of the settings: one message, handed over or not."""

import smtplib
import ssl
from collections.abc import Sequence
from dataclasses import dataclass
from email.message import EmailMessage
from email.utils import formatdate, make_msgid

from data.action_settings import ActionSettings

TIMEOUT = 20.0  # seconds for each answer of the server


@dataclass(frozen=True)
class Attachment:
    """A PDF that goes with a message."""

    name: str
    content: bytes


class MailError(Exception):
    """The message was not handed over; the message is a sentence for a person, without secrets."""


def send(
    settings: ActionSettings, to: str, subject: str, text: str, attached: Sequence[Attachment] = ()
) -> None:
    """Hand a message to the mail server. Raises MailError."""
    if not settings.smtp_host or not settings.mail_from:
        raise MailError("No mail server is set: set SMTP_HOST and MAIL_FROM.")
    message = EmailMessage()
    message["From"], message["To"], message["Subject"] = settings.mail_from, to, subject
    message["Date"], message["Message-ID"] = formatdate(), make_msgid(domain=settings.mail_from.split("@")[1])
    message.set_content(text)
    for each in attached:
        message.add_attachment(each.content, maintype="application", subtype="pdf", filename=each.name)
    where = f"{settings.smtp_host}:{settings.smtp_port}"
    try:
        with _server(settings) as server:
            if settings.smtp_user and settings.smtp_password:
                server.login(settings.smtp_user, settings.smtp_password.get_secret_value())
            server.send_message(message)
    except smtplib.SMTPAuthenticationError:
        raise MailError(f"The mail server {where} refused SMTP_USER and SMTP_PASSWORD.") from None
    except smtplib.SMTPRecipientsRefused:
        raise MailError(f"The mail server {where} does not take mail for {to}.") from None
    except smtplib.SMTPException as error:
        raise MailError(f"The mail server {where} did not take the message: {_words(error)}.") from None
    except OSError:
        raise MailError(f"The mail server {where} cannot be reached, or not as SMTP_SECURITY says.") from None


def _server(settings: ActionSettings) -> smtplib.SMTP:
    """A connection that is as secret as the settings want it."""
    host, port = str(settings.smtp_host), settings.smtp_port
    if settings.smtp_security == "tls":
        return smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=ssl.create_default_context())
    server = smtplib.SMTP(host, port, timeout=TIMEOUT)
    if settings.smtp_security == "starttls":
        try:
            server.starttls(context=ssl.create_default_context())
        except Exception:
            server.close()
            raise
    return server


def _words(error: smtplib.SMTPException) -> str:
    if isinstance(error, smtplib.SMTPResponseException):
        told = error.smtp_error.decode(errors="replace") if isinstance(error.smtp_error, bytes) else ""
        return f"{error.smtp_code} {told}".strip()
    return str(error) or type(error).__name__
