"""The light on a scene, and what lens, sensor and file make of it."""

from __future__ import annotations

import io

import numpy as np
from PIL import Image, ImageFilter

from hello_dl.data.builtin.render import Bytes
from hello_dl.data.pages.camera import Grey
from hello_dl.data.pages.surfaces import Colours, clouds

COARSE = 4  # light is worked out on every 4th pixel


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
    """Returns how much light falls on each pixel of (height, width), about 1 where most of it is bright.

    fall       share of the light lost from the bright side to the dark one
    shadow     share taken by a shadow (0: none) whose edge runs through `across` (x, y as shares of the
               photo), `softness` of the longer side wide
    vignette   share that the lens loses in the corners
    """
    small = (shape[0] // COARSE + 1, shape[1] // COARSE + 1)
    longer = max(small)
    y, x = (grid.astype(np.float32) / longer for grid in np.mgrid[: small[0], : small[1]])
    middle = np.array([small[1], small[0]]) / longer / 2
    angle = rng.uniform(0, 2 * np.pi)
    along = (x - middle[0]) * np.cos(angle) + (y - middle[1]) * np.sin(angle)  # about -0.5 to 0.5
    light = 1 - fall * np.clip(along + 0.5, 0, 1)
    lamp = middle + rng.uniform(-0.5, 0.5, 2)
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
    """How deep in the shadow a place is, 0 to 1: beyond a straight edge, or of a hand or phone held above."""
    angle = rng.uniform(0, 2 * np.pi)
    u = (x - at[0]) * np.cos(angle) + (y - at[1]) * np.sin(angle)
    if rng.random() < 0.4:
        v = -(x - at[0]) * np.sin(angle) + (y - at[1]) * np.cos(angle)
        wide = rng.uniform(0.12, 0.3)
        u = np.minimum(u, wide - np.abs(v + 0.04 * np.sin(9 * u)))  # a strip with round sides
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
    """Takes the photo of colours (3, height, width): the lens blurs, the sensor adds noise, JPEG cuts off.

    blur and shake   in pixels: a Gaussian's standard deviation, and how far the hand moved
    noise            standard deviation of mid grey, of 1
    quality          of the JPEG; 0 leaves it out
    tint             what the white balance leaves of red, green and blue
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
    """Averages the photo over the hand's way: three places, each sampled between pixels."""
    dx, dy = shake / 2 * np.cos(angle), shake / 2 * np.sin(angle)

    def moved(share: float) -> Image.Image:
        move = (1, 0, share * dx, 0, 1, share * dy)
        return image.transform(image.size, Image.Transform.AFFINE, move, Image.Resampling.BILINEAR)

    both = Image.blend(moved(-1), moved(1), 0.5)
    return Image.blend(image, both, 2 / 3)


def _noisy(image: Image.Image, noise: float, rng: np.random.Generator) -> Image.Image:
    """Adds a sensor's noise: of each pixel's brightness, more in bright light, and of colour, in spots."""
    pixels = np.asarray(image, np.float32)
    shape = pixels.shape[:2]
    strength = np.sqrt(np.float32(0.3) + pixels[..., 1] * np.float32(0.7 / 128))
    grain = rng.standard_normal(shape, np.float32) * strength * np.float32(255 * noise)
    out = np.empty(pixels.shape, np.uint8)
    for channel in range(3):
        colour = clouds(rng, shape, 3.5) * np.float32(255 * 0.35 * noise)
        out[..., channel] = np.clip(pixels[..., channel] + grain + colour + np.float32(0.5), 0, 255)
    return Image.fromarray(out)
