import socket
import threading

import pytest

from events.services.webhooks import posting, targets
from tests.receiving import receiver, self_signed


def post(url, **given):
    return posting.post(url, headers={"webhook-id": "1"}, body=b"{}", **given)


def test_what_a_receiver_takes_is_taken_with_what_it_says(there):
    answer = post(there.url)
    assert (answer.taken, answer.status, answer.excerpt) == (True, 200, "thanks")
    headers, body = there.got[0]
    assert (headers["webhook-id"], headers["Host"], body) == (
        "1",
        there.url[7:].split("/")[0],
        b"{}",
    )


@pytest.mark.parametrize(("status", "error"), [
    (204, ""), (301, "REDIRECT"), (307, "REDIRECT"), (400, "STATUS"), (410, "STATUS"),
    (500, "STATUS"),
])  # fmt: skip
def test_only_a_success_is_one(status, error):
    with receiver(status=status, says=b"") as there:
        answer = post(there.url)
    assert (answer.error, answer.status) == (error, status)


def test_a_redirect_is_not_followed(there):
    with receiver(status=307, headers={"Location": there.url}) as first:
        assert post(first.url).error == "REDIRECT"
    assert there.got == []


def test_a_huge_answer_is_left_unread():
    with receiver(says=b"x" * 50_000_000) as there:
        answer = post(there.url)
    assert (answer.taken, len(answer.excerpt)) == (True, 4096)


@pytest.mark.parametrize("behaviour", [{"waits": 1.5}, {"trickles": 0.2}], ids=str)
def test_whoever_takes_too_long_is_left(behaviour):
    with receiver(says=b"slowly, byte by byte", **behaviour) as there:
        answer = post(there.url, seconds=0.5)
    assert answer.error == "TIMEOUT"
    assert 400 < answer.duration_ms < 1400


def test_nobody_there_nobody_known_and_no_http_are_told_apart(settings):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]

        def greet():
            connection, _ = server.accept()
            with connection:
                connection.recv(10_000)
                connection.sendall(b"220 mail.example ESMTP\r\n")

        thread = threading.Thread(target=greet)
        thread.start()
        assert post(f"http://127.0.0.1:{port}/").error == "NOT_HTTP"
        thread.join()
    assert post(f"http://127.0.0.1:{port}/").error == "UNREACHABLE"
    assert post("https://hooks.brenner.example/").error == "UNKNOWN_HOST"
    settings.WEBHOOK_NETWORKS = []
    assert post(f"http://127.0.0.1:{port}/").error == "FORBIDDEN_ADDRESS"
    assert post("gopher://127.0.0.1/").error == "BAD_ADDRESS"


def test_a_certificate_that_nobody_vouches_for_is_refused(tmp_path, monkeypatch):
    with receiver(certificate=self_signed(tmp_path)) as there:
        assert post(there.url).error == "TLS"
        assert there.got == []
        # The operator's own authority is named by SSL_CERT_FILE.
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        posting._trust.cache_clear()
        assert post(there.url).taken
    posting._trust.cache_clear()


def test_a_certificate_of_another_server_is_refused(tmp_path, monkeypatch):
    with receiver(certificate=self_signed(tmp_path, address="127.0.0.9")) as there:
        monkeypatch.setenv("SSL_CERT_FILE", str(tmp_path / "certificate.pem"))
        posting._trust.cache_clear()
        assert post(there.url).error == "TLS"
    posting._trust.cache_clear()


def test_a_name_that_leads_elsewhere_by_the_time_of_the_call_leads_nobody_there(there, monkeypatch):
    """DNS rebinding: judged at its first answer, and never asked again."""
    answers = iter([("127.0.0.1",), ("10.0.0.1",)])
    real, asked = socket.getaddrinfo, []

    def rebinding(host, port, *args, **kwargs):
        asked.append(host)
        if host == "hooks.brenner.example":
            return [(2, 1, 6, "", (address, port)) for address in next(answers)]
        return real(host, port, *args, **kwargs)

    monkeypatch.setattr(targets.socket, "getaddrinfo", rebinding)
    url = there.url.replace("127.0.0.1", "hooks.brenner.example")
    assert post(url).taken
    assert asked.count("hooks.brenner.example") == 1
    assert there.got[0][0]["Host"].startswith("hooks.brenner.example:")
    assert post(url).error == "FORBIDDEN_ADDRESS"
    assert len(there.got) == 1


def test_no_proxy_of_the_environment_is_used(there, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9/")
    assert post(there.url).taken
