"""Fetching pictures from addresses that a stranger wrote: what is refused, and that nothing else is reached."""

import asyncio
import gzip
import time

import pytest
from picture_server import JPEG, Names, PictureServer, dripping, picture, reply

from sq.v1.judgment_pb2 import PictureProblem
from sq_evaluate.judges.pictures.fetch import Fetcher, FetchLimits
from sq_evaluate.judges.pictures.picture import PictureError

LOCAL = frozenset({"127.0.0.1", "pictures.test"})
PUBLIC = "93.184.216.34"


@pytest.fixture
def server():
    with PictureServer() as started:
        started.pages["/a.jpg"] = picture()
        started.pages["/secret"] = b"secret"
        yield started


def fetch(*urls, **limits):
    """What became of each address, with one fetcher: bytes, or (problem, detail)."""

    async def each():
        fetcher = Fetcher(FetchLimits(**{"seconds": 5, "allowed_hosts": LOCAL, **limits}))
        found = []
        for url in urls:
            try:
                found.append(await fetcher.fetch(url))
            except PictureError as error:
                found.append((PictureProblem.Name(error.problem).removeprefix("PICTURE_PROBLEM_"), str(error)))
        await fetcher.close()
        return found

    return asyncio.run(each())


def problem(*urls, **limits):
    return fetch(*urls, **limits)[-1][0]


@pytest.fixture
def connects(monkeypatch):
    """Addresses to which a connection is tried. Those that are not on the loopback refuse it."""
    tried, real = [], asyncio.SelectorEventLoop.sock_connect

    async def sock_connect(loop, sock, address):
        tried.append(address[0])
        if address[0] != "127.0.0.1":
            raise ConnectionRefusedError(f"no connection to {address[0]} in a test")
        return await real(loop, sock, address)

    monkeypatch.setattr(asyncio.SelectorEventLoop, "sock_connect", sock_connect)
    return tried


def test_a_picture_of_an_allowed_host_arrives(server, monkeypatch):
    names = Names(monkeypatch, pictures_test=[["127.0.0.1"]])
    by_address, by_name = fetch(f"{server.url}/a.jpg", f"http://Pictures.test:{server.port}/a.jpg")
    assert by_address == by_name == picture()
    assert names.asked == ["pictures.test"]
    assert server.headers["Accept-Encoding"] == "identity"
    assert not {"Cookie", "Authorization", "Referer"} & set(server.headers)


def test_a_private_address_is_not_asked(server, monkeypatch, connects):
    names = Names(monkeypatch, shop_example=[["127.0.0.1"]], both_example=[[PUBLIC, "10.0.0.1"]], six_example=[["::1"]])
    names.answers["mapped.example"] = [["::ffff:127.0.0.1"]]
    for host in ("shop.example", "both.example", "six.example", "mapped.example"):
        assert problem(f"http://{host}:{server.port}/secret") == "PRIVATE_ADDRESS"
    assert problem(f"{server.url}/secret", allowed_hosts=frozenset()) == "PRIVATE_ADDRESS"
    assert not server.asked
    assert not connects


def test_a_name_that_changes_its_address_after_the_check_gains_nothing(server, monkeypatch, connects):
    """DNS rebinding: the first answer is public, each later one is this machine."""
    names = Names(monkeypatch, rebind_example=[[PUBLIC], ["127.0.0.1"]])
    url = f"http://rebind.example:{server.port}/secret"
    first, second = fetch(url, url)
    # The connection goes to the address that was checked, and no further name is asked for.
    assert connects == [PUBLIC]
    assert first[0] == "UNAVAILABLE"
    assert second[0] == "PRIVATE_ADDRESS"
    assert "rebind.example has the address 127.0.0.1" in second[1]
    assert len(names.asked) == 2
    assert not server.asked


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308])
def test_a_redirect_is_checked_as_the_first_address(server, monkeypatch, connects, status):
    """Only the name pictures.test may be private here."""
    Names(monkeypatch, pictures_test=[["127.0.0.1"]], rebind_example=[["127.0.0.1"]])
    port = server.port
    aims = {
        f"http://127.0.0.1:{port}/secret": "PRIVATE_ADDRESS",
        f"http://rebind.example:{port}/secret": "PRIVATE_ADDRESS",
        f"http://[::ffff:127.0.0.1]:{port}/secret": "PRIVATE_ADDRESS",
        f"//localhost:{port}/secret": "PRIVATE_ADDRESS",
        f"http://2130706433:{port}/secret": "PRIVATE_ADDRESS",
        "http://169.254.169.254/latest/meta-data": "PRIVATE_ADDRESS",
        "file:///etc/passwd": "BAD_URL",
        f"http://user:pass@pictures.test:{port}/secret": "BAD_URL",
        "http://[": "BAD_URL",
        "/a.jpg": "",
        f"http://pictures.test:{port}/a.jpg": "",
    }
    for aim, expected in aims.items():
        server.pages["/to"] = (status, {"Location": aim}, b"")
        found = fetch(f"http://pictures.test:{port}/to", allowed_hosts=frozenset({"pictures.test"}))[0]
        assert (found == picture()) if not expected else (found[0] == expected), aim
    assert set(server.asked) == {"/to", "/a.jpg"}
    assert set(connects) == {"127.0.0.1"}


def test_redirects_are_bounded(server):
    for number in range(7):
        server.pages[f"/{number}"] = (302, {"Location": f"/{number + 1}"}, b"")
    server.pages["/7"] = picture()
    assert fetch(f"{server.url}/2")[0] == picture()
    assert problem(f"{server.url}/1") == "TOO_MANY_REDIRECTS"
    server.pages["/loop"] = (302, {}, b"")
    assert problem(f"{server.url}/loop") == "TOO_MANY_REDIRECTS"


def stalling(handler):
    time.sleep(3)


@pytest.mark.parametrize("page", [dripping, stalling])
def test_a_slow_server_is_not_waited_for(server, page):
    server.pages["/slow"] = page
    began = time.monotonic()
    assert problem(f"{server.url}/slow", seconds=0.4) == "TOO_SLOW"
    assert time.monotonic() - began < 2.5


def endless(handler):
    reply(handler, 200, JPEG)
    try:
        for _ in range(10_000):
            handler.wfile.write(b"x" * 10_000)
    except OSError:
        handler.server.gave_up = True


@pytest.mark.parametrize(
    "page",
    [
        (200, JPEG, b"x" * 10_001),
        endless,
        lambda handler: reply(handler, 200, JPEG | {"Content-Length": str(10**12)}),
    ],
)
def test_too_many_bytes_are_not_read(server, page):
    server.pages["/large"] = page
    assert problem(f"{server.url}/large", bytes=10_000) == "TOO_LARGE"


def test_as_many_bytes_as_allowed_are_read(server):
    server.pages["/just"] = b"x" * 10_000
    assert len(fetch(f"{server.url}/just", bytes=10_000)[0]) == 10_000


@pytest.mark.parametrize(
    "headers",
    [
        {"Content-Type": "text/html"},
        {"Content-Type": "image/svg+xml"},
        {"Content-Type": "application/octet-stream"},
        {},
        {"Content-Type": "image/jpeg", "Content-Encoding": "gzip"},
    ],
)
def test_other_types_are_refused(server, headers):
    server.pages["/other"] = (200, headers, gzip.compress(b"x" * 10**6))
    assert problem(f"{server.url}/other") == "WRONG_TYPE"


def hanging_up(handler):
    reply(handler, 200, JPEG | {"Content-Length": "1000"}, b"x")


def no_http(handler):
    handler.wfile.write(b"\x00\x01garbage\r\n\r\n")


def long_header(handler):
    reply(handler, 200, JPEG | {"X-Long": "x" * 100_000})


@pytest.mark.parametrize(
    "page", [(404, {}, b""), (500, JPEG, b"x"), (206, JPEG, b"x"), hanging_up, no_http, long_header]
)
def test_a_server_without_the_picture_is_unavailable(server, page):
    server.pages["/gone"] = page
    assert problem(f"{server.url}/gone") == "UNAVAILABLE"


def test_a_name_that_nobody_knows_is_unavailable():
    assert problem("http://nobody.invalid/a.jpg") == "UNAVAILABLE"


def test_a_host_that_fails_all_the_time_is_left_alone(server):
    server.pages["/cut"] = hanging_up
    found = fetch(*[f"{server.url}/cut"] * 22, f"{server.url}/a.jpg")
    assert len(server.asked) == 20
    assert {one[0] for one in found} == {"UNAVAILABLE"}
    assert "failed 20 times in a row" in found[-1][1]


def test_pictures_that_are_not_there_say_nothing_about_the_others(server):
    found = fetch(*[f"{server.url}/none"] * 22, f"{server.url}/a.jpg")
    assert found[-1] == picture()


def test_no_proxy_of_the_environment_is_used(server, monkeypatch):
    """A proxy would resolve names itself."""
    for name in ("HTTP_PROXY", "http_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    assert fetch(f"{server.url}/a.jpg")[0] == picture()
