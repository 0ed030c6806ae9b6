"""Addresses of pictures that a stranger wrote: which of them are sent, or fetched."""

import pytest

from sq.v1.judgment_pb2 import PictureProblem
from sq_evaluate.judges.pictures.picture import PictureError, usable_url


@pytest.mark.parametrize(
    ("url", "problem"),
    [
        ("https://shop.example/a.jpg?w=1#x", ""),
        ("http://93.184.216.34/a.jpg", ""),
        ("http://[2606:2800:220:1::1]/a.jpg", ""),
        ("https://xn--mller-kva.example/ä.jpg", ""),
        ("", "NONE"),
        ("/a.jpg", "BAD_URL"),
        ("//shop.example/a.jpg", "BAD_URL"),
        ("ftp://shop.example/a.jpg", "BAD_URL"),
        ("file:///etc/passwd", "BAD_URL"),
        ("data:image/png;base64,AAAA", "BAD_URL"),
        ("javascript:alert(1)", "BAD_URL"),
        ("https:///a.jpg", "BAD_URL"),
        ("https://shop.example:99999/a.jpg", "BAD_URL"),
        ("https://[::1/a.jpg", "BAD_URL"),
        ("https://user:secret@shop.example/a.jpg", "BAD_URL"),
        ("https://@shop.example/a.jpg", "BAD_URL"),
        ("https://shop.example\\@10.0.0.1/a.jpg", "BAD_URL"),
        ("https://shop.example/a b.jpg", "BAD_URL"),
        ("https://shop.example/" + "a" * 2048, "BAD_URL"),
        ("http://localhost/a.jpg", "PRIVATE_ADDRESS"),
        ("http://LOCALHOST./a.jpg", "PRIVATE_ADDRESS"),
        ("http://printer.local/a.jpg", "PRIVATE_ADDRESS"),
        ("http://metadata.google.internal/a.jpg", "PRIVATE_ADDRESS"),
        ("http://127.0.0.1/a.jpg", "PRIVATE_ADDRESS"),
        ("http://127.1/a.jpg", "PRIVATE_ADDRESS"),
        ("http://2130706433/a.jpg", "PRIVATE_ADDRESS"),
        ("http://0x7f000001/a.jpg", "PRIVATE_ADDRESS"),
        ("http://0177.0.0.1/a.jpg", "PRIVATE_ADDRESS"),
        ("http://10.1.2.3/a.jpg", "PRIVATE_ADDRESS"),
        ("http://172.16.0.1/a.jpg", "PRIVATE_ADDRESS"),
        ("http://192.168.1.1/a.jpg", "PRIVATE_ADDRESS"),
        ("http://169.254.169.254/latest/meta-data", "PRIVATE_ADDRESS"),
        ("http://100.64.0.1/a.jpg", "PRIVATE_ADDRESS"),
        ("http://0.0.0.0/a.jpg", "PRIVATE_ADDRESS"),
        ("http://224.0.0.1/a.jpg", "PRIVATE_ADDRESS"),
        ("http://255.255.255.255/a.jpg", "PRIVATE_ADDRESS"),
        ("http://[::]/a.jpg", "PRIVATE_ADDRESS"),
        ("http://[::1]/a.jpg", "PRIVATE_ADDRESS"),
        ("http://[fe80::1]/a.jpg", "PRIVATE_ADDRESS"),
        ("http://[fc00::1]/a.jpg", "PRIVATE_ADDRESS"),
        ("http://[fec0::1]/a.jpg", "PRIVATE_ADDRESS"),
        ("http://[ff02::1]/a.jpg", "PRIVATE_ADDRESS"),
        ("http://[::ffff:127.0.0.1]/a.jpg", "PRIVATE_ADDRESS"),
        ("http://[::ffff:93.184.216.34]/a.jpg", "PRIVATE_ADDRESS"),
        ("http://[64:ff9b::7f00:1]/a.jpg", "PRIVATE_ADDRESS"),
        ("http://[2002:7f00:1::]/a.jpg", "PRIVATE_ADDRESS"),
        ("http://[2001:0:1::1]/a.jpg", "PRIVATE_ADDRESS"),
    ],
)
def test_which_addresses_are_sent(url, problem):
    try:
        found = usable_url(url)
    except PictureError as error:
        assert PictureProblem.Name(error.problem) == f"PICTURE_PROBLEM_{problem}"
        assert "secret" not in str(error)
    else:
        assert (found, problem) == (url, "")


def test_a_host_that_is_allowed_by_name_may_be_private_and_no_other():
    allowed = frozenset({"pictures.internal", "10.0.0.7"})
    assert usable_url("http://Pictures.internal/a", allowed)
    assert usable_url("http://10.0.0.7:8080/a", allowed)
    for url in ("http://10.0.0.8/a", "http://x.pictures.internal/a"):
        with pytest.raises(PictureError):
            usable_url(url, allowed)
