"""Pictures that a browser may send as a signature."""

import base64
import io

from PIL import Image, ImageDraw


def draw(size=(200, 60), form="PNG"):
    """Return a scribble in base64."""
    image = Image.new("RGB", size, "white")
    ImageDraw.Draw(image).line([(5, 5), (size[0] - 5, size[1] - 5)], "black", 3)
    file = io.BytesIO()
    image.save(file, form)
    return base64.b64encode(file.getvalue()).decode()


SIGNATURE = draw()
BAD_SIGNATURES = {
    "nothing": None,
    "a number": 7,
    "no base64": "%%%",
    "text": base64.b64encode(b"Kim Keys").decode(),
    "svg": base64.b64encode(b"<svg onload='alert(1)'/>").decode(),
    "another format": draw(form="GIF"),
    "cut off": draw()[:80],
    "too many pixels": draw((5000, 1000)),
    "too long": "A" * 1_000_000,
}
