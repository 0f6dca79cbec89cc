"""The light on a scene, and how lens, sensor and JPEG change its picture."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageFilter

from hello_dl.data.builtin.render import Bytes
from hello_dl.data.pages.camera import Grey
from hello_dl.data.pages.surfaces import Colours, clouds

COARSE = 4  # light is computed for every 4th pixel in x and y, and interpolated
STRIP = 0.4  # probability that a shadow is a strip, as that of an arm, instead of one side of an edge
STRIP_WIDTH = (0.12, 0.3)  # half the width of the strip, as a share of the photo's longer side
COLOUR_NOISE, SPOT = 0.35, 3.5  # noise of colour: share of the grey noise, and width of its spots in pixels


def light_field(
    shape: tuple[int, int],
    rng: np.random.Generator,
    *,
    fall: float,
    shadow: float = 0.0,
    softness: float = 0.02,
    across: tuple[float, float] = (0.5, 0.5),
    vignette: float = 0.0,
) -> Grey:
    """Return the light on each pixel, as a factor (height, width) that is about 1 where it is bright.

    fall       share of the light that is lost from the brightest side to the darkest
    shadow     share of the light that a shadow takes away; 0 is no shadow
    softness   width of the shadow's edge, as a share of the photo's longer side
    across     a point on the shadow's edge: x and y as shares of the photo
    vignette   share of the light that the lens loses in the corners
    """
    small = (shape[0] // COARSE + 1, shape[1] // COARSE + 1)
    longer = max(small)
    y, x = (grid.astype(np.float32) / longer for grid in np.mgrid[: small[0], : small[1]])
    middle = np.array([small[1], small[0]]) / longer / 2
    angle = rng.uniform(0, 2 * np.pi)
    along = (x - middle[0]) * np.cos(angle) + (y - middle[1]) * np.sin(angle)  # about -0.5 to 0.5
    light = 1 - fall * np.clip(along + 0.5, 0, 1)
    lamp = middle + rng.uniform(-0.5, 0.5, 2)
    # A lamp above the photo: a round spot, half as strong as the fall.
    light *= 1 - 0.5 * fall * (1 - np.exp(-2 * ((x - lamp[0]) ** 2 + (y - lamp[1]) ** 2)))
    if shadow:
        light *= 1 - shadow * _shadow(x, y, 2 * middle * np.array(across), softness, rng)
    away = ((x - middle[0]) ** 2 + (y - middle[1]) ** 2) / float(middle @ middle)
    light *= 1 - vignette * away**2
    light /= (light.mean() + light.max()) / 2  # the camera sets its exposure between the two
    image = Image.fromarray(light.astype(np.float32))
    return np.asarray(image.resize((shape[1], shape[0]), Image.Resampling.BILINEAR), np.float32)


def _shadow(
    x: Grey,
    y: Grey,
    at: np.ndarray[tuple[int], np.dtype[np.float64]],
    softness: float,
    rng: np.random.Generator,
) -> Grey:
    """Return the share of the shadow at each place, 0 to 1: 1 on one side of a straight edge, or in a strip.

    x, y and at are places as shares of the photo's longer side; the strip is the shadow of an arm or a phone.
    """
    angle = rng.uniform(0, 2 * np.pi)
    u = (x - at[0]) * np.cos(angle) + (y - at[1]) * np.sin(angle)
    if rng.random() < STRIP:
        v = -(x - at[0]) * np.sin(angle) + (y - at[1]) * np.cos(angle)
        wide = rng.uniform(*STRIP_WIDTH)
        u = np.minimum(u, wide - np.abs(v + 0.04 * np.sin(9 * u)))  # with wavy sides
    return np.asarray(1 / (1 + np.exp(np.clip(-u / max(softness, 1e-3) * 4, -30, 30))), np.float32)


def expose(
    colours: Colours,
    rng: np.random.Generator,
    *,
    blur: float,
    shake: float,
    noise: float,
    quality: int,
    tint: tuple[float, float, float],
) -> Image.Image:
    """Turn colours (3, height, width), 0 to 1, into a photo: blurred, shaken, noisy, compressed.

    blur      standard deviation of the lens's Gaussian blur, in pixels
    shake     pixels by which the hand moves during the exposure
    noise     standard deviation of the sensor's noise at mid grey; 1 is white
    quality   of the JPEG compression, 1 to 100; 0 leaves it out
    tint      factors of red, green and blue, for exposure and white balance
    """
    shape = colours.shape[1:]
    bytes_: Bytes = np.empty((*shape, 3), np.uint8)
    for channel, (plane, share) in enumerate(zip(colours, tint, strict=True)):
        bytes_[..., channel] = np.clip(plane * np.float32(255 * share) + np.float32(0.5), 0, 255)
    image = Image.fromarray(bytes_)
    if blur > 0:
        image = image.filter(ImageFilter.GaussianBlur(blur))
    if shake > 0:
        image = _shaken(image, shake, rng.uniform(0, np.pi))
    if noise > 0:
        image = _noisy(image, noise, rng)
    if quality:
        file = io.BytesIO()
        image.save(file, "JPEG", quality=quality)
        image = Image.open(file)
        image.load()
    return image


def _shaken(image: Image.Image, shake: float, angle: float) -> Image.Image:
    """Return the mean of the photo at three places along a move of `shake` pixels (motion blur)."""
    dx, dy = shake / 2 * np.cos(angle), shake / 2 * np.sin(angle)

    def moved(share: float) -> Image.Image:
        """Return the photo moved by a share of half the way."""
        move = (1, 0, share * dx, 0, 1, share * dy)
        return image.transform(image.size, Image.Transform.AFFINE, move, Image.Resampling.BILINEAR)

    both = Image.blend(moved(-1), moved(1), 0.5)
    return Image.blend(image, both, 2 / 3)


def _noisy(image: Image.Image, noise: float, rng: np.random.Generator) -> Image.Image:
    """Add a sensor's noise: of each pixel's brightness, more where it is bright, and of colour, in spots."""
    pixels = np.asarray(image, np.float32)
    shape = pixels.shape[:2]
    # Shot noise grows with the square root of the light; the factor is 1 at mid grey.
    strength = np.sqrt(np.float32(0.3) + pixels[..., 1] * np.float32(0.7 / 128))
    grain = rng.standard_normal(shape, np.float32) * strength * np.float32(255 * noise)
    out = np.empty(pixels.shape, np.uint8)
    for channel in range(3):
        colour = clouds(rng, shape, SPOT) * np.float32(255 * COLOUR_NOISE * noise)
        out[..., channel] = np.clip(pixels[..., channel] + grain + colour + np.float32(0.5), 0, 255)
    return Image.fromarray(out)
