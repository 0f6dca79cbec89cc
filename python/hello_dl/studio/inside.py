"""What is inside a network: what it imagines, which images it finds alike, and its graph."""

from __future__ import annotations

import base64
from typing import Annotated

import numpy as np
from fastapi import APIRouter, HTTPException, Query
from PIL import Image
from pydantic import BaseModel, Field

from hello_dl.studio.drawing import classifier, png
from hello_dl.studio.workers import Workers, answer

STEPS, FRAMES = 120, 8  # changes of an imagined image, and how many of them are shown
ACROSS = 20  # images in a row of the map's sheet of images
Network = Annotated[str, Query(max_length=100, pattern=r"^[A-Za-z0-9][A-Za-z0-9 ._-]*$")]


class Dream(BaseModel):
    """An image that was changed until the network took it for a class: PNGs in Base64, and chances."""

    frames: list[str]
    chances: list[float]


class MapOfImages(BaseModel):
    """A map: places between 0 and 1, classes, and all images on one sheet, `across` in a row, as a PNG."""

    x: list[float]
    y: list[float]
    classes: list[str]
    across: int
    sheet: str


def imagined(network: str, name: str) -> Dream:
    """Change noise until a network sees a class in it. Runs in the process for heavy work."""
    from hello_dl.pictures import imagine

    known = classifier(network)
    target = known.classes.index(name)
    dream = imagine(known.model, [target], normalisation=known.header.normalisation, steps=STEPS)
    shown = np.linspace(0, len(dream.frames) - 1, FRAMES).round().astype(int).tolist()
    images = [np.rint(255 * dream.frames[i][0]).astype(np.uint8) for i in shown]
    chances = [float(dream.chances[i][0]) for i in shown]
    return Dream(frames=[png(Image.fromarray(image)) for image in images], chances=chances)


def mapped(network: str, count: int) -> MapOfImages:
    """Lay images out by what a network finds alike. Runs in the process for heavy work."""
    from hello_dl.data import load
    from hello_dl.pictures import embedding

    known = classifier(network)
    images = load(f"builtin:{count}", classes=known.classes, split="test")
    points = embedding(known.model, images, known.header.normalisation).points
    places = (points - points.min(axis=0)) / np.maximum(np.ptp(points, axis=0), 1e-9)
    rows = -(-count // ACROSS)
    cells = np.zeros((rows * ACROSS, 28, 28), np.uint8)
    cells[: len(images)] = images.images
    sheet = cells.reshape(rows, ACROSS, 28, 28).transpose(0, 2, 1, 3).reshape(rows * 28, ACROSS * 28)
    return MapOfImages(
        x=places[:, 0].round(4).tolist(),
        y=places[:, 1].round(4).tolist(),
        classes=[images.classes[k] for k in images.labels.tolist()],
        across=ACROSS,
        sheet=png(Image.fromarray(sheet)),
    )


def drawn_graph(network: str) -> str:
    """Return the graph of a network's answer to one image, as an SVG in Base64."""
    from hello_dl.pictures.graph import to_svg
    from hello_dl.tensors.creation import zeros

    model = classifier(network).model.eval()
    names = dict(model.named_parameters())
    return base64.b64encode(to_svg(model(zeros(1, 1, 28, 28)), names=names).encode()).decode("ascii")


def router(workers: Workers) -> APIRouter:
    """Return the part of the API that looks inside networks."""
    api = APIRouter(prefix="/api/inside", tags=["inside"])

    @api.get("/classes")
    def classes(network: Network = "letters") -> list[str]:
        """Return the classes of a network."""
        return list(classifier(network).classes)

    @api.get("/imagined")
    async def imagine(name: Annotated[str, Query(max_length=40)], network: Network = "letters") -> Dream:
        """Return images that begin as noise and end as what the network takes for the class `name`."""
        known = classifier(network).classes
        if name not in known:
            raise HTTPException(404, f"{network} has no class {name!r}; it knows {' '.join(known)}")
        return await answer(workers, imagined, network, name)

    @api.get("/map")
    async def lay_out(
        network: Network = "letters", count: Annotated[int, Field(ge=20, le=1000)] = 400
    ) -> MapOfImages:
        """Return images on a map, on which those are near each other that the network finds alike."""
        classifier(network)
        return await answer(workers, mapped, network, count)

    @api.get("/graph")
    async def graph(network: Network = "letters") -> dict[str, str]:
        """Return the graph of the network, as an SVG in Base64."""
        classifier(network)
        return {"svg": await answer(workers, drawn_graph, network)}

    return api
