"""A real SMTP server of a few lines, which takes mails, refuses them or hangs up in the middle."""

import socketserver
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes, policy
from email.message import EmailMessage
from typing import Any


@dataclass
class Post:
    """What the server was given, and how it behaves: an answer to RCPT and one to DATA's end."""

    to: str = "250 fine"
    end: str = "250 taken"
    hangs_up: bool = False
    # Its answer to a whole mail comes once this is set.
    answers: threading.Event | None = None
    port: int = 0
    mails: list[EmailMessage] = field(default_factory=list)
    recipients: list[str] = field(default_factory=list)

    @property
    def only(self) -> EmailMessage:
        (mail,) = self.mails
        return mail


@contextmanager
def server(**behaviour: Any) -> Iterator[Post]:
    """Serve on a port of its own for as long as the block runs."""
    post = Post(**behaviour)

    class Talk(socketserver.StreamRequestHandler):
        def handle(self) -> None:
            self.say("220 here")
            while line := self.rfile.readline().strip().decode():
                verb = line.split()[0].upper()
                if verb == "RCPT":
                    post.recipients.append(line.partition("<")[2].rpartition(">")[0])
                    self.say(post.to)
                elif verb == "DATA":
                    self.say("354 go on")
                    content = b"".join(iter(self.rfile.readline, b".\r\n"))
                    post.mails.append(message_from_bytes(content, policy=policy.default))
                    if post.answers is not None:
                        post.answers.wait(20)
                    if post.hangs_up:
                        return
                    self.say(post.end)
                elif verb == "QUIT":
                    self.say("221 bye")
                    return
                else:
                    self.say("250 fine")

        def say(self, words: str) -> None:
            self.wfile.write(f"{words}\r\n".encode())

    with socketserver.ThreadingTCPServer(("127.0.0.1", 0), Talk) as listening:
        listening.daemon_threads = True
        post.port = listening.server_address[1]
        thread = threading.Thread(target=listening.serve_forever, kwargs={"poll_interval": 0.01})
        thread.start()
        try:
            yield post
        finally:
            listening.shutdown()
            thread.join()


def sent_through(settings: Any, port: int) -> None:
    """Let the portal send its mail to that port."""
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_HOST_USER = settings.EMAIL_HOST_PASSWORD = ""
