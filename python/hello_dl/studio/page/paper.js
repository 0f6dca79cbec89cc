// A canvas for pen, finger and mouse. It keeps strokes as lists of points [x, y, pressure].

export class Paper {
  constructor(canvas, changed) {
    this.canvas = canvas;
    this.changed = changed;
    this.strokes = [];
    this.pointer = null; // the one that draws; a second finger or the palm does not
    canvas.addEventListener("pointerdown", (event) => this.begin(event));
    canvas.addEventListener("pointermove", (event) => this.move(event));
    for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, (event) => this.end(event));
    new ResizeObserver(() => this.fit()).observe(canvas);
  }

  fit() {
    const scale = window.devicePixelRatio || 1;
    this.canvas.width = Math.max(1, Math.round(this.canvas.clientWidth * scale));
    this.canvas.height = Math.max(1, Math.round(this.canvas.clientHeight * scale));
    const pen = this.canvas.getContext("2d");
    pen.setTransform(scale, 0, 0, scale, 0, 0);
    pen.lineCap = pen.lineJoin = "round";
    pen.strokeStyle = pen.fillStyle = "#1c2230";
    this.draw();
  }

  point(event) {
    const box = this.canvas.getBoundingClientRect();
    const pressure = event.pointerType === "pen" ? event.pressure : 0.5;
    const round = (number) => Math.round(number * 10) / 10;
    return [round(event.clientX - box.left), round(event.clientY - box.top), Math.round(pressure * 100) / 100];
  }

  begin(event) {
    if (this.pointer !== null) {
      if (event.pointerType === "touch") this.drop(); // two fingers are no stroke
      return;
    }
    if (event.button !== 0) return;
    event.preventDefault();
    this.canvas.setPointerCapture(event.pointerId);
    this.pointer = event.pointerId;
    this.strokes.push([this.point(event)]);
    this.draw();
  }

  move(event) {
    if (event.pointerId !== this.pointer) return;
    const stroke = this.strokes.at(-1);
    for (const one of event.getCoalescedEvents?.() ?? [event]) {
      const point = this.point(one);
      const last = stroke.at(-1);
      if (Math.hypot(point[0] - last[0], point[1] - last[1]) >= 1) stroke.push(point);
    }
    this.draw();
  }

  end(event) {
    if (event.pointerId !== this.pointer) return;
    this.pointer = null;
    this.changed();
  }

  drop() {
    this.strokes.pop();
    this.pointer = null;
    this.draw();
  }

  undo() {
    this.strokes.pop();
    this.draw();
    this.changed();
  }

  clear() {
    this.strokes = [];
    this.draw();
    this.changed();
  }

  draw() {
    const pen = this.canvas.getContext("2d");
    pen.clearRect(0, 0, this.canvas.clientWidth, this.canvas.clientHeight);
    for (const stroke of this.strokes) {
      for (const [i, [x, y, pressure]] of stroke.entries()) {
        pen.lineWidth = 3 + 4 * pressure;
        pen.beginPath();
        pen.moveTo(...stroke[Math.max(0, i - 1)].slice(0, 2));
        pen.lineTo(x, y);
        pen.stroke();
      }
    }
  }
}
