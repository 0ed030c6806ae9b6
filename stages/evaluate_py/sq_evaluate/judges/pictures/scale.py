"""Makes any picture a small JPEG. Needs Pillow, which not every image has."""

from __future__ import annotations

import io
import warnings

from PIL import Image, ImageOps

from sq.v1.judgment_pb2 import PICTURE_PROBLEM_DAMAGED, PICTURE_PROBLEM_TOO_MANY_PIXELS
from sq_evaluate.judges.pictures.fetch import TYPES
from sq_evaluate.judges.pictures.picture import PictureError

_QUALITY = 85
_SCALABLE = ("L", "LA", "RGB", "RGBA", "CMYK")
_WHITE = (255, 255, 255)
# Pixels are counted here, and Pillow's own limit still holds.
warnings.filterwarnings("ignore", category=Image.DecompressionBombWarning)
_FORMATS = tuple(dict.fromkeys(TYPES.values()))


def scaled(data: bytes, longest_side: int, max_pixels: int) -> bytes:
    """A JPEG whose sides have at most `longest_side` pixels, without metadata. Of an animation, the first picture.

    Raises:
        PictureError: it has more than `max_pixels`, which is known before it is decoded; or it is no picture of a known
            format.
    """
    try:
        with Image.open(io.BytesIO(data), formats=_FORMATS) as found:
            pixels = found.width * found.height
            if pixels > max_pixels:
                problem = f"{found.width} x {found.height} pixels, which are more than {max_pixels}"
                raise PictureError(PICTURE_PROBLEM_TOO_MANY_PIXELS, problem)
            # A JPEG is decoded at a fraction of its size.
            found.draft("RGB", (longest_side, longest_side))
            small = _with_its_colours(found)
            # Before all else, because each step takes memory for a picture.
            small.thumbnail((longest_side, longest_side))
            picture = _opaque(ImageOps.exif_transpose(small))
        out = io.BytesIO()
        picture.save(out, "JPEG", quality=_QUALITY)
    except PictureError:
        raise
    except Image.DecompressionBombError as error:
        # Pillow's own limit.
        raise PictureError(PICTURE_PROBLEM_TOO_MANY_PIXELS, str(error)) from error
    except Exception as error:
        # Decoders raise whatever their format brings.
        raise PictureError(PICTURE_PROBLEM_DAMAGED, f"{type(error).__name__}: {error}"[:200]) from error
    return out.getvalue()


def _with_its_colours(picture: Image.Image) -> Image.Image:
    """The picture in a mode that can be scaled well: without a palette or a transparent colour."""
    if "transparency" in picture.info or picture.mode == "PA":
        return picture.convert("RGBA")
    return picture if picture.mode in _SCALABLE else picture.convert("RGB")


def _opaque(picture: Image.Image) -> Image.Image:
    """The picture in RGB, on white where it is transparent."""
    if "A" not in picture.getbands():
        return picture.convert("RGB")
    layer = picture.convert("RGBA")
    ground = Image.new("RGBA", layer.size, (*_WHITE, 255))
    return Image.alpha_composite(ground, layer).convert("RGB")
