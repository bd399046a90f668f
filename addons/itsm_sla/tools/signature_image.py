"""Tells whether what a browser sent as a signature is one.

Pure: no environment, nothing is stored.
"""

import base64
import binascii
import io

from PIL import Image

#: Of the picture as sent, in characters of base64: about 300 kB.
MAX_LENGTH = 400_000
MAX_PIXELS = 4_000_000
PNG_END = b"IEND\xaeB`\x82"


class NoSignature(ValueError):
    """What was sent is no picture of a signature."""


def check_signature(data):
    """Return the picture of a signature in base64, as it is stored.

    :param data: as sent by the browser: a PNG picture in base64
    :raise NoSignature: where it is anything else, too large or damaged
    """
    if not isinstance(data, str) or not data or len(data) > MAX_LENGTH:
        raise NoSignature
    try:
        raw = base64.b64decode(data, validate=True)
        # Odoo has pictures that were cut off drawn as far as they go.
        if not raw.endswith(PNG_END):
            raise NoSignature
        with Image.open(io.BytesIO(raw), formats=("PNG",)) as image:
            if image.width * image.height > MAX_PIXELS:
                raise NoSignature
            image.load()
            # Drawn anew: nothing but the picture is kept of what was sent.
            stored = io.BytesIO()
            image.convert("RGBA").save(stored, "PNG")
    except (
        binascii.Error,
        OSError,
        SyntaxError,
        ValueError,
        Image.DecompressionBombError,
    ) as error:
        raise NoSignature from error
    return base64.b64encode(stored.getvalue())
