"""No layer or configuration has a secret, and the scanner finds planted ones."""

import io
import tarfile

import pytest

from release import scan
from release.layouts import Blob, Image
from release.tests.built import RELEASES

# Assembled here, so that scanners find no secret in this file.
PLANTED = {
    "a private key": b"-----BEGIN RSA " + b"PRIVATE KEY-----\n" + b"MIIE" * 16,
    "an AWS key": b"key = AK" + b"IAABCDEFGHIJKLMNOP\n",
    "a GitHub token": b"gh" + b"p_" + b"a1" * 18,
    "an OpenAI key": b"OPENAI_API_KEY=s" + b"k-proj-" + b"Zz09" * 12,
    "a Google key": b"AI" + b"za" + b"x" * 35,
    "a password in a URL": b"postgres://sq:" + b"n0tAnExample!@db.example.com/x",
    "secret value 0": b"prefix correct-horse-battery suffix",
}


def layer_of(tmp_path, files):
    path = tmp_path / "layer.tar"
    with tarfile.open(path, "w") as archive:
        for name, data in files.items():
            entry = tarfile.TarInfo(name)
            entry.size = len(data)
            archive.addfile(entry, io.BytesIO(data))
    return Blob("sha256:0", path.stat().st_size, "application/vnd.oci.image.layer.v1.tar", path)


@pytest.mark.parametrize("kind", PLANTED)
def test_planted_secret_is_found(tmp_path, kind):
    layer = layer_of(tmp_path, {"app/clean.py": b"print('hello')\n", "app/settings": PLANTED[kind]})
    (found,) = scan.scan_layer(layer, scan.patterns(["correct-horse-battery"]))
    assert found.startswith(f"app/settings: {kind} at byte")


def test_variable_in_the_configuration_is_found(tmp_path):
    image = Image("x", "sha256:0", {"config": {"Env": ["PATH=/bin", "SQ_KEYS=/keys", "OPENAI_API_KEY="]}}, ())
    assert scan.scan([image]) == ["x: configuration: variable OPENAI_API_KEY"]


def test_images_hold_no_secret():
    assert scan.scan([one.image for one in RELEASES.values()]) == []
