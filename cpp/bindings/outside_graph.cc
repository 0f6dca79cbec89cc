// What Python can call beside tensors and ops: optimizers, augmentation, pen strokes, and a GPT that reads tokens.
#include <algorithm>
#include <array>
#include <cstdint>

#include "bindings/arguments.hh"
#include "engine/engine.hh"
#include "outside_graph/augment.hh"
#include "outside_graph/gpt_reader.hh"
#include "outside_graph/line_ink.hh"
#include "outside_graph/optim.hh"
#include "outside_graph/stroke_points.hh"
#include "outside_graph/strokes.hh"

namespace hello_dl {
namespace {

using Strict = py::array_t<float, py::array::c_style | py::array::forcecast>;
using Starts = py::array_t<Index, py::array::c_style | py::array::forcecast>;

Shape axes_of(const py::array& array) { return Shape(std::vector<Index>(array.shape(), array.shape() + array.ndim())); }

py::array_t<std::uint8_t> draw(const Strict& segments, const Starts& starts, Index height, Index width) {
  need(segments.ndim() == 2 && segments.shape(1) == numbers_per_segment, "draw_strokes: needs segments (m, ",
       numbers_per_segment, "), got ", axes_of(segments));
  need(starts.ndim() == 1 && starts.shape(0) >= 1, "draw_strokes: needs starts (n + 1,), got ", axes_of(starts));
  need(height > 0 && width > 0, "draw_strokes: needs pictures of at least 1x1, got ", height, "x", width);
  const Index n = starts.shape(0) - 1, m = segments.shape(0);
  const Index* first = starts.data();
  bool rising = first[0] >= 0 && first[n] <= m;
  for (Index i = 0; i < n; ++i) rising &= first[i] <= first[i + 1];
  need(rising, "draw_strokes: needs starts that rise from 0 or more to at most ", m,
       " (the number of segments), got others");
  py::array_t<std::uint8_t> pictures({n, height, width});
  std::uint8_t* to = pictures.mutable_data();
  const float* from = segments.data();
  py::gil_scoped_release unlocked;
  draw_strokes(from, first, n, height, width, to);
  return pictures;
}

py::array_t<std::uint8_t> augment_images(const py::array_t<std::uint8_t, py::array::c_style>& images,
                                         std::uint64_t seed, std::uint64_t step, const std::array<double, 12>& how) {
  need(images.ndim() == 3, "augment: needs uint8 images (n, h, w), got ", axes_of(images));
  const Index n = images.shape(0), height = images.shape(1), width = images.shape(2);
  need(8 <= std::min(height, width) && std::max(height, width) <= 32000,
       "augment: needs images of 8 x 8 to 32000 x 32000 pixels, got ", height, " x ", width);
  py::array_t<std::uint8_t> changed({n, height, width});
  std::uint8_t* to = changed.mutable_data();
  const std::uint8_t* from = images.data();
  const Augmentation settings{how[0], how[1], how[2], how[3], how[4],  how[5],
                              how[6], how[7], how[8], how[9], how[10], how[11]};
  py::gil_scoped_release unlocked;
  // Nothing of the graph changes; but the threads belong to one caller at a time.
  change_in_place({}, [&] { augment(settings, seed, step, from, n, height, width, to); });
  return changed;
}

py::tuple resample_strokes(const Strict& points, const Starts& starts, float step, int passes) {
  need(points.ndim() == 2 && points.shape(1) == 2, "resample_strokes: needs points (m, 2), got ", axes_of(points));
  need(starts.ndim() == 1 && starts.shape(0) >= 1, "resample_strokes: needs starts (n + 1,), got ", axes_of(starts));
  need(step > 0 && passes >= 0, "resample_strokes: needs a step above 0 and passes of 0 or more, got ", step, " and ",
       passes);
  const Index n = starts.shape(0) - 1, m = points.shape(0);
  const Index* first = starts.data();
  bool rising = first[0] >= 0 && first[n] <= m;
  for (Index i = 0; i < n; ++i) rising &= first[i] < first[i + 1];
  need(rising, "resample_strokes: needs starts that rise from 0 or more to at most ", m,
       " (the number of points), got others");
  const float* from = points.data();
  StrokePoints out;
  {
    py::gil_scoped_release unlocked;
    out = resample(from, first, n, step, passes);
  }
  py::array_t<float> xy({static_cast<Index>(out.xy.size() / 2), Index{2}});
  std::copy(out.xy.begin(), out.xy.end(), xy.mutable_data());
  Starts new_starts(static_cast<Index>(out.starts.size()));
  std::copy(out.starts.begin(), out.starts.end(), new_starts.mutable_data());
  return py::make_tuple(xy, new_starts);
}

using Picture = py::array_t<std::uint8_t, py::array::c_style>;

Picture change_line(const Picture& picture, std::uint64_t key, const std::array<double, 10>& how) {
  need(picture.ndim() == 2 && picture.size() > 0, "change_ink: needs a uint8 picture (h, w), got ", axes_of(picture));
  const InkLook look{how[0], how[1], how[2], how[3], how[4], how[5], how[6], how[7], how[8], how[9]};
  need(look.fade_size >= 1 && look.coarse >= 0 && look.blur <= 100, "change_ink: needs fade_size >= 1, coarse >= 0 ",
       "and blur <= 100, got ", look.fade_size, ", ", look.coarse, " and ", look.blur);
  const Index height = picture.shape(0), width = picture.shape(1);
  Picture changed({height, width});
  std::copy_n(picture.data(), height * width, changed.mutable_data());
  std::uint8_t* to = changed.mutable_data();
  py::gil_scoped_release unlocked;
  change_ink(look, key, height, width, to);
  return changed;
}

Picture bend_line(const Picture& picture, const Strict& grid, Index step, Index height, Index width) {
  need(picture.ndim() == 2, "bend_ink: needs a uint8 picture (h, w), got ", axes_of(picture));
  need(height > 0 && width > 0 && step > 0, "bend_ink: needs height, width and step above 0, got ", height, ", ", width,
       " and ", step);
  const Index rows = (height - 1) / step + 2, columns = (width - 1) / step + 2;
  need(grid.ndim() == 3 && grid.shape(0) == rows && grid.shape(1) == columns && grid.shape(2) == 2,
       "bend_ink: needs a grid (", rows, ", ", columns, ", 2), got ", axes_of(grid));
  Picture bent({height, width});
  const std::uint8_t* from = picture.data();
  const float* places = grid.data();
  std::uint8_t* to = bent.mutable_data();
  const Index tall = picture.shape(0), wide = picture.shape(1);
  py::gil_scoped_release unlocked;
  bend_ink(from, tall, wide, places, columns, step, height, width, to);
  return bent;
}

void bind_optim(py::module_& m) {
  m.def("sgd_step", [](const Tensors& parameters, const py::list& buffers, double lr, double momentum, double dampening,
                       double weight_decay, bool nesterov) {
    Tensors list;  // None where there is no momentum yet
    for (py::handle b : buffers) list.push_back(b.is_none() ? Tensor() : b.cast<Tensor>());
    {
      py::gil_scoped_release unlocked;
      sgd_step(parameters, list, {lr, momentum, dampening, weight_decay, nesterov});
    }
    for (std::size_t k = 0; k < list.size(); ++k)
      if (list[k] && buffers[k].is_none()) buffers[k] = py::cast(list[k]);
  });
  m.def("adam_step", [](const Tensors& parameters, const Tensors& means, const Tensors& squares, const Tensors& steps,
                        double lr, double beta1, double beta2, double eps, double weight_decay, bool decoupled) {
    py::gil_scoped_release unlocked;
    adam_step(parameters, means, squares, steps, {lr, beta1, beta2, eps, weight_decay, decoupled});
  });
}

py::array_t<real> read_tokens(const Tensors& parameters, const Tensor& cache, Index heads, const Ints& ids,
                              Index first) {
  py::array_t<real> scores(parameters.empty() ? 0 : parameters[0].rows());
  real* to = scores.mutable_data();
  py::gil_scoped_release unlocked;
  gpt_read(parameters, cache, heads, ids, first, to);
  return scores;
}

}  // namespace

void bind_outside_graph(py::module_& m) {
  bind_optim(m);
  m.def("draw_strokes", draw, py::arg("segments"), py::arg("starts"), py::arg("height"), py::arg("width"),
        "Pen strokes as pictures: segments (m, 6) and starts (n + 1,) give uint8 (n, height, width); see strokes.hh.");
  m.def(
      "gpt_read", read_tokens, py::arg("parameters"), py::arg("cache"), py::arg("heads"), py::arg("ids"),
      py::arg("first"),
      "The scores after `ids`, which follow `first` tokens whose keys and values the cache holds; see gpt_reader.hh.");
  m.def("resample_strokes", resample_strokes, py::arg("points"), py::arg("starts"), py::arg("step"), py::arg("passes"),
        "Strokes, points (m, 2) and starts (n + 1,), with points `step` apart, smoothed; see stroke_points.hh.");
  m.def(
      "change_ink", change_line, py::arg("picture"), py::arg("key"), py::arg("how"),
      "A picture (h, w) of a written line, its ink changed; `how` has the numbers of InkLook, in line_ink.hh's order.");
  m.def("bend_ink", bend_line, py::arg("picture"), py::arg("grid"), py::arg("step"), py::arg("height"),
        py::arg("width"), "A picture (h, w), its pixels fetched from the places of a grid; see line_ink.hh.");
  m.def("augment", augment_images, py::arg("images"), py::arg("seed"), py::arg("step"), py::arg("how"),
        "Images (n, h, w) changed at random; `how` has the numbers of Augmentation, in augment.hh's order.");
}

}  // namespace hello_dl
