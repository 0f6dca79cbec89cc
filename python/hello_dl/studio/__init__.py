"""The studio: a page in the browser to draw on, and to see, correct and watch what networks do.

`hello-dl studio` serves it on this computer alone. The files, in the order of a request:

1. `server.py` makes the application of all parts; `safety.py` lets only this page's own requests in, and no
   larger ones than `limits.py` allows.
2. `drawing.py`: strokes on the canvas become the picture that a network sees (`strokes.py`), and its answers.
3. `photos.py`: a photo is put on disk, waits its turn (`workers.py`) and is read in another process
   (`photo_reading.py`).
4. `hands.py` keeps what somebody writes to be learned; `lessons.py` has it taught, by `lesson_process.py`.
5. `inside.py`: what a network imagines, a map of images that it finds alike, its graph.
6. `runs.py`: run logs as curves; trainings that the page starts and stops.

`page/` is what the browser gets: plain HTML, CSS and JavaScript modules, nothing from another host.
It needs the extra `studio`: FastAPI (which checks requests and describes the API) and uvicorn.
"""
