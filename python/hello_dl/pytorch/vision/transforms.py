"""Changes of images as objects, for Compose and for the `transform` of a data set."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from hello_dl.nn.module import Module
from hello_dl.pytorch.vision import images
from hello_dl.pytorch.vision.images import InterpolationMode as InterpolationMode


class Transform(Module):
    """Base class: an object that changes an image when it is called; it prints its own settings."""

    def __call__(self, img: Any) -> Any:
        """Return the changed image."""
        raise NotImplementedError

    def __repr__(self) -> str:
        settings = ", ".join(f"{name}={value}" for name, value in vars(self).items())
        return f"{type(self).__name__}({settings})"


class Compose(Transform):
    """Several changes, one after the other."""

    def __init__(self, transforms: Sequence[Callable[[Any], Any]]) -> None:
        self.transforms = transforms

    def __call__(self, img: Any) -> Any:
        """Return the image after all changes."""
        for transform in self.transforms:
            img = transform(img)
        return img

    def __repr__(self) -> str:
        return "\n".join(["Compose(", *(f"    {transform}" for transform in self.transforms), ")"])


class ToTensor(Transform):
    """Make a tensor (channels, h, w), from 0 to 1, of a Pillow image or an array (h, w, channels)."""

    def __call__(self, img: Any) -> Any:
        """Return the image as a tensor."""
        return images.to_tensor(img)


class PILToTensor(Transform):
    """Make a tensor (channels, h, w) of integers from 0 to 255 of a Pillow image."""

    def __call__(self, img: Any) -> Any:
        """Return the image as a tensor."""
        return images.pil_to_tensor(img)


class ToPILImage(Transform):
    """Make a Pillow image of a tensor (channels, h, w) or an array (h, w, channels)."""

    def __init__(self, mode: str | None = None) -> None:
        self.mode = mode

    def __call__(self, img: Any) -> Any:
        """Return the image as Pillow's."""
        return images.to_pil_image(img, self.mode)


class ConvertImageDtype(Transform):
    """Make real numbers from 0 to 1 of integers from 0 to 255."""

    def __init__(self, dtype: Any) -> None:
        self.dtype = dtype

    def __call__(self, img: Any) -> Any:
        """Return the tensor in the other dtype."""
        scaled = not img.is_floating_point() and getattr(self.dtype, "is_floating_point", True)
        return img / 255 if scaled else img.to(self.dtype)


class Normalize(Transform):
    """Subtract a mean and divide by a deviation, one for each channel."""

    def __init__(self, mean: Sequence[float], std: Sequence[float], inplace: bool = False) -> None:
        self.mean, self.std, self.inplace = mean, std, inplace

    def __call__(self, img: Any) -> Any:
        """Return (img - mean) / std."""
        return images.normalize(img, self.mean, self.std, self.inplace)

    def __repr__(self) -> str:
        return f"Normalize(mean={self.mean}, std={self.std})"


class Resize(Transform):
    """Change the size to (h, w); a number alone is the length of the shorter side."""

    def __init__(
        self,
        size: int | Sequence[int],
        interpolation: Any = InterpolationMode.BILINEAR,
        max_size: int | None = None,
        antialias: bool | None = True,
    ) -> None:
        self.size, self.interpolation, self.max_size, self.antialias = (
            size,
            interpolation,
            max_size,
            antialias,
        )

    def __call__(self, img: Any) -> Any:
        """Return the image in the other size."""
        return images.resize(img, self.size, self.interpolation, self.max_size, self.antialias)


class CenterCrop(Transform):
    """Cut out the middle, in a size (h, w); a number alone stands for both."""

    def __init__(self, size: int | Sequence[int]) -> None:
        self.size = size

    def __call__(self, img: Any) -> Any:
        """Return the middle of the image."""
        return images.center_crop(img, self.size)


class Pad(Transform):
    """Add a margin: of one width, (left and right, top and bottom), or all four from the left."""

    def __init__(self, padding: int | Sequence[int], fill: Any = 0, padding_mode: str = "constant") -> None:
        self.padding, self.fill, self.padding_mode = padding, fill, padding_mode

    def __call__(self, img: Any) -> Any:
        """Return the image with its margin."""
        return images.pad(img, self.padding, self.fill, self.padding_mode)


class Grayscale(Transform):
    """Make an image grey, in one channel or the same in three."""

    def __init__(self, num_output_channels: int = 1) -> None:
        self.num_output_channels = num_output_channels

    def __call__(self, img: Any) -> Any:
        """Return the image in grey."""
        return images.to_grayscale(img, self.num_output_channels)


class Lambda(Transform):
    """Call a function of the program's own."""

    def __init__(self, lambd: Callable[[Any], Any]) -> None:
        if not callable(lambd):
            raise TypeError(f"Lambda: needs a function, got {type(lambd).__name__}")
        self.lambd = lambd

    def __call__(self, img: Any) -> Any:
        """Return what the function returns."""
        return self.lambd(img)

    def __repr__(self) -> str:
        return "Lambda()"
