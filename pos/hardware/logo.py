"""The café's sign on its tickets: a picture turned into dots, once, when it is set."""

import base64
import io
import re
import struct
from typing import Any

from pos.errors import Refusal
from pos.i18n import N_

# Fits the narrow paper; two centimetres and a half high.
WIDTH_MAX, HEIGHT_MAX = 384, 200
SOURCE_MAX_PIXELS = 20_000_000
# A real-time command among the dots would be obeyed by a real printer: one dot more and it is none.
_COMMANDS = re.compile(rb"\x10(?=[\x04\x05\x14])", re.DOTALL)


class NotAPicture(Refusal):
    """The file is no picture the till can read."""

    sentence = N_("This file is not a picture the printer can use.")
    remedy = N_("Choose a PNG or JPEG file, black on white if you can.")


def from_picture(data: bytes) -> dict[str, Any]:
    """Return the settings `logo` and `logo_width` of a PNG or JPEG; raise NotAPicture."""
    from PIL import Image, UnidentifiedImageError

    try:
        with Image.open(io.BytesIO(data), formats=("PNG", "JPEG")) as opened:
            if opened.width * opened.height > SOURCE_MAX_PIXELS:
                raise NotAPicture
            # What is transparent is paper.
            picture = Image.new("RGBA", opened.size, "white")
            picture.alpha_composite(opened.convert("RGBA"))
    except (UnidentifiedImageError, OSError, ValueError, SyntaxError, struct.error) as problem:
        raise NotAPicture from problem
    grey = picture.convert("L")
    grey.thumbnail((WIDTH_MAX, HEIGHT_MAX))
    # Whole bytes: white at the right, so that black ends where it ended.
    width = -(-grey.width // 8) * 8
    paper = Image.new("L", (width, grey.height), 255)
    paper.paste(grey, ((width - grey.width) // 2, 0))
    dots = bytes(byte ^ 0xFF for byte in paper.convert("1").tobytes())
    return {"logo": base64.b64encode(_COMMANDS.sub(b"\x18", dots)).decode(), "logo_width": width}
