// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_PYTHON_NUMPY_ARRAYS_HPP
#define EPSPIKE_EXAMPLES_PYTHON_NUMPY_ARRAYS_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include <epspike/core/error.hpp>
#include <epspike/core/tensor.hpp>
#include <epspike/data/dataset.hpp>
#include <epspike/insight/spike_raster.hpp>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

namespace epspike::python {

namespace py = pybind11;

/// An extent that may be anything.
inline constexpr std::size_t any_extent = 0;

/// "[batch, 1, 28, 28]": `any` names the extents that may be anything.
template <class Extents>
[[nodiscard]] std::string shape_text(const Extents& extents, const std::string& any = "0")
{
    std::string text;
    for (const auto extent : extents) {
        text += text.empty() ? "[" : ", ";
        text += extent == any_extent ? any : std::to_string(extent);
    }
    return text.empty() ? "[]" : text + "]";
}

/// `given`, an array of this shape. Fails if it is not; `what` begins the message.
[[nodiscard]] inline py::array as_array(const std::string& what, const py::object& given,
                                        std::span<const std::size_t> expected, const char* any)
{
    if (!py::isinstance<py::array>(given)) {
        throw py::type_error(what + ": expected a NumPy array, found " +
                             std::string(py::str(py::type::of(given).attr("__name__"))));
    }
    const auto array = py::reinterpret_borrow<py::array>(given);
    const std::span found(array.shape(), static_cast<std::size_t>(array.ndim()));
    const auto fits = [](std::size_t wanted, py::ssize_t extent) {
        return wanted == any_extent || wanted == static_cast<std::size_t>(extent);
    };
    if (!std::equal(expected.begin(), expected.end(), found.begin(), found.end(), fits)) {
        const bool lacks_channel = expected.size() == 4 && found.size() == 3 && expected[1] == 1;
        fail(what + ": expected shape " + shape_text(expected, any) + ", found " +
             shape_text(found) + (lacks_channel ? "; x[:, None] adds the channel" : ""));
    }
    return array;
}

[[nodiscard]] inline std::string type_of(const py::array& array)
{
    return py::str(array.dtype());
}

/// The array in C order and as T. Fails with TypeError unless it holds floating-point numbers, of
/// any size.
template <class T>
[[nodiscard]] auto floats_in_order(const std::string& what, const py::array& array)
{
    const char kind = array.dtype().kind();
    if (kind != 'f') {
        const bool pixels = array.ndim() == 4 && (kind == 'u' || kind == 'i' || kind == 'b');
        throw py::type_error(what + ": expected floating-point numbers, found " + type_of(array) +
                             (pixels ? "; pixels from 0 to 255 would saturate the network: "
                                       "x.astype(numpy.float32) / 255"
                                     : ""));
    }
    auto ordered = py::array_t < T, py::array::c_style | py::array::forcecast > ::ensure(array);
    if (!ordered) {
        throw py::error_already_set();
    }
    return ordered;
}

/// A copy as a tensor of this shape.
template <class T, std::size_t Rank>
[[nodiscard]] Tensor<T, Rank> floats(const std::string& what, const py::object& given,
                                     const std::array<std::size_t, Rank>& expected)
{
    const auto ordered = floats_in_order<T>(what, as_array(what, given, expected, "batch"));
    std::array<std::size_t, Rank> extents{};
    std::copy_n(ordered.shape(), Rank, extents.begin());
    auto tensor = make_tensor<T, Rank>(extents);
    std::copy_n(ordered.data(), tensor.size(), tensor.data());
    return tensor;
}
/// The same, one number after the other.
template <class T>
[[nodiscard]] std::vector<T> flat_floats(const std::string& what, const py::object& given,
                                         std::span<const std::size_t> expected)
{
    const auto ordered = floats_in_order<T>(what, as_array(what, given, expected, ""));
    return {ordered.data(), ordered.data() + ordered.size()};
}

/// A copy of images and labels. Fails unless images are bytes and labels whole numbers below
/// `classes`.
[[nodiscard]] inline Dataset dataset(const std::string& what, const py::object& images,
                                     const py::object& labels,
                                     const std::array<std::size_t, 4>& expected,
                                     std::size_t classes)
{
    const py::array pixels = as_array(what + ": images", images, expected, "n");
    if (!pixels.dtype().equal(py::dtype::of<std::uint8_t>())) {
        throw py::type_error(what +
                             ": images: expected uint8 pixels from 0 to 255, of which the "
                             "network is shown (pixel / 255 - pixel_mean) / pixel_stddev; "
                             "found " +
                             type_of(pixels) +
                             " (relax, predict and ep_update take floating-point numbers)");
    }
    const std::array<std::size_t, 1> one_each{static_cast<std::size_t>(pixels.shape(0))};
    const py::array numbers = as_array(what + ": labels", labels, one_each, "n");
    const char kind = numbers.dtype().kind();
    if (kind != 'i' && kind != 'u') {
        throw py::type_error(what + ": labels: expected whole numbers, found " + type_of(numbers));
    }
    const auto rows = py::array_t<std::uint8_t, py::array::c_style>::ensure(pixels);
    const auto wide = py::array_t < std::int64_t,
               py::array::c_style | py::array::forcecast > ::ensure(numbers);
    std::array<std::size_t, 4> extents{};
    std::copy_n(pixels.shape(), 4, extents.begin());
    Dataset data{make_tensor<std::uint8_t, 4>(extents), make_tensor<std::uint8_t, 1>({one_each}),
                 classes};
    std::copy_n(rows.data(), data.images.size(), data.images.data());
    for (std::size_t i = 0; i < data.labels.size(); ++i) {
        const std::int64_t label = wide.data()[i];
        const auto most = static_cast<std::int64_t>(std::min<std::size_t>(classes, 256)) - 1;
        if (label < 0 || label > most) {
            fail(what + ": labels: expected whole numbers from 0 to " + std::to_string(most) +
                 ", found " + std::to_string(label) + " at index " + std::to_string(i));
        }
        data.labels(i) = static_cast<std::uint8_t>(label);
    }
    return data;
}

/// A new array with these numbers.
template <class T, std::size_t Rank>
[[nodiscard]] py::array_t<T> to_numpy(const Tensor<T, Rank>& tensor)
{
    return py::array_t<T>(std::vector<std::size_t>(tensor.shape().begin(), tensor.shape().end()),
                          tensor.data());
}
template <class T>
[[nodiscard]] py::array_t<std::remove_const_t<T>> to_numpy(std::span<T> values,
                                                           const std::vector<std::size_t>& extents)
{
    return py::array_t<std::remove_const_t<T>>(extents, values.data());
}

/// The spikes as a structured array.
[[nodiscard]] inline py::array to_numpy(const std::vector<SpikeEvent>& spikes)
{
    py::list names;
    py::list formats;
    py::list offsets;
    const auto add = [&](const char* name, const py::dtype& format, std::size_t offset) {
        names.append(name);
        formats.append(format);
        offsets.append(offset);
    };
    // Unsigned numbers would be no indices for NumPy.
    static_assert(sizeof(std::size_t) == sizeof(std::int64_t));
    const auto whole = py::dtype::of<std::int64_t>();
    add("sample", whole, offsetof(SpikeEvent, sample));
    add("step", py::dtype::of<int>(), offsetof(SpikeEvent, step));
    add("population", whole, offsetof(SpikeEvent, population));
    add("neuron", whole, offsetof(SpikeEvent, neuron));
    return {py::dtype(names, formats, offsets, sizeof(SpikeEvent)),
            {static_cast<py::ssize_t>(spikes.size())},
            spikes.data()};
}

} // namespace epspike::python

#endif
