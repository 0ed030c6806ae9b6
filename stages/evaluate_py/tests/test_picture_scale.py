"""Scaling pictures: what is sent, and what is not decoded."""

import io
import resource
import zlib

import pytest
from picture_server import picture
from PIL import Image

from sq.v1.judgment_pb2 import PICTURE_PROBLEM_DAMAGED, PICTURE_PROBLEM_TOO_MANY_PIXELS
from sq_evaluate.judges.pictures.picture import PictureError
from sq_evaluate.judges.pictures.scale import scaled


def opened(data, side=64, pixels=10**6):
    return Image.open(io.BytesIO(scaled(data, side, pixels)))


@pytest.mark.parametrize(
    ("size", "expected"), [((400, 300), (64, 48)), ((300, 400), (48, 64)), ((40, 30), (40, 30)), ((900, 1), (64, 1))]
)
@pytest.mark.parametrize("form", ["JPEG", "PNG", "WEBP", "GIF"])
def test_the_longer_side_is_bounded_and_nothing_is_scaled_up(size, expected, form):
    made = opened(picture(size, form=form))
    assert (made.size, made.format, made.mode) == (expected, "JPEG", "RGB")
    red, green, blue = made.getpixel((0, 0))
    assert red > 200
    assert green < 60 > blue


@pytest.mark.parametrize("mode", ["1", "L", "LA", "P", "RGBA", "CMYK", "I;16"])
def test_pictures_of_all_kinds_of_colours_are_made_one_kind(mode):
    form = "JPEG" if mode == "CMYK" else "PNG"
    assert opened(picture((30, 30), 0, form, mode)).mode == "RGB"


def test_what_is_transparent_is_white():
    made = opened(picture((10, 10), (255, 0, 0, 0), "PNG", "RGBA"))
    assert min(made.getpixel((5, 5))) > 250


def test_it_is_turned_as_the_camera_was_held_and_tells_nothing_of_it():
    exif = Image.Exif()
    exif[0x0112], exif[0x010F] = 6, "the camera"
    made = opened(picture((40, 20), exif=exif.tobytes()))
    assert made.size == (20, 40)
    assert not made.getexif()
    assert not {"exif", "comment", "icc_profile"} & set(made.info)


def test_the_same_picture_makes_the_same_bytes():
    assert scaled(picture((400, 300)), 64, 10**6) == scaled(picture((400, 300)), 64, 10**6)


def test_of_an_animation_the_first_picture_is_taken():
    out = io.BytesIO()
    frames = [Image.new("RGB", (20, 20), colour) for colour in ("blue", "red", "green")]
    frames[0].save(out, "GIF", save_all=True, append_images=frames[1:])
    assert opened(out.getvalue()).getpixel((5, 5))[2] > 200


def bomb(side):
    """A PNG of some kilobytes with side x side pixels."""

    def chunk(kind, data):
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    header = side.to_bytes(4, "big") * 2 + bytes([1, 0, 0, 0, 0])
    rows = zlib.compress(bytes((side // 8 + 1) * side), 9)
    return b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", rows) + chunk(b"IEND", b"")


def webp_bomb(side):
    """A lossless WebP of some bytes: each of its five codes has one symbol, so that a pixel takes no bit."""
    bits = f"{side - 1:014b}"[::-1] * 2 + "0" * 7 + "1000" * 5
    bits += "0" * (-len(bits) % 8)
    data = b"\x2f" + bytes(int(bits[at : at + 8][::-1], 2) for at in range(0, len(bits), 8)) + bytes(8)
    data += bytes(len(data) % 2)
    chunk = b"VP8L" + len(data).to_bytes(4, "little") + data
    return b"RIFF" + (4 + len(chunk)).to_bytes(4, "little") + b"WEBP" + chunk


def gif_bomb(side):
    size = side.to_bytes(2, "little") * 2
    return b"GIF89a" + size + b"\x80\0\0\0\0\0\xff\xff\xff,\0\0\0\0" + size + b"\0\x02\x02\x4c\x01\0;"


@pytest.mark.parametrize("bomb", [bomb, webp_bomb, gif_bomb])
@pytest.mark.parametrize(
    ("side", "told"),
    # Pillow has a limit of its own.
    [(12_000, "12000 x 12000 pixels, which are more than 50000000"), (16_000, "256000000 pixels")],
)
def test_too_many_pixels_are_refused_before_they_are_decoded(bomb, side, told):
    data = bomb(side)
    assert len(data) < 100_000
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    with pytest.raises(PictureError, match=told) as refused:
        scaled(data, 64, 50_000_000)
    assert refused.value.problem == PICTURE_PROBLEM_TOO_MANY_PIXELS
    # Decoded, it has 140 MB or more.
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < 50_000


@pytest.mark.parametrize("bomb", [bomb, webp_bomb])
def test_as_many_pixels_as_allowed_are_decoded(bomb):
    assert opened(bomb(1000)).size == (64, 64)


GOOD = picture((200, 200), form="PNG")


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"<html>",
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        GOOD[:60],
        GOOD[: len(GOOD) // 2],
        GOOD.replace(b"IDAT", b"IDAX"),
        picture((50, 50))[:200],
        picture((50, 50), form="WEBP")[:30],
        picture((50, 50), form="GIF")[:20],
        # Formats that no shop has, and that have decoders of their own.
        picture((20, 20), form="BMP"),
        picture((20, 20), form="TIFF"),
        picture((20, 20), form="ICO"),
        picture((20, 20), form="PPM"),
    ],
)
def test_what_is_no_whole_picture_is_damaged(data):
    with pytest.raises(PictureError) as refused:
        scaled(data, 64, 10**6)
    assert refused.value.problem == PICTURE_PROBLEM_DAMAGED
    assert str(refused.value)
