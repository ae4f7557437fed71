// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_PYTHON_PYTHON_NETWORK_HPP
#define EPSPIKE_EXAMPLES_PYTHON_PYTHON_NETWORK_HPP

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <epspike/insight/spike_raster.hpp>
#include <epspike/io/checkpoint.hpp>
#include <epspike/network.hpp>
#include <epspike/training/train.hpp>
#include <pybind11/numpy.h>
#include <pybind11/pybind11.h>

#include "bind_settings.hpp"
#include "in_use.hpp"
#include "numpy_arrays.hpp"
#include "observer.hpp"

namespace epspike::python {

template <class Net>
struct PythonProgress {
    TrainingProgress<typename Net::Scalar> at;
    InUse use{};
};

/// A network in the hands of Python: arrays become tensors, and Python's lock is released while the
/// library computes.
template <NetworkModel Net>
class PythonNetwork {
    using T = typename Net::Scalar;
    using State = typename Net::State;
    using Progress = PythonProgress<Net>;
    using Phase = std::optional<Relaxation>;
    using Release = py::gil_scoped_release;

public:
    explicit PythonNetwork(Net net) : net_{std::move(net)} {}

    [[nodiscard]] static py::list populations()
    {
        py::list shapes;
        for (const auto& l : Net::populations) {
            shapes.append(py::make_tuple(l.channels, l.height, l.width));
        }
        return shapes;
    }
    [[nodiscard]] int threads() const { return net_.threads(); }
    void set_threads(int threads)
    {
        const InUse::Changing changing(use_, "threads");
        net_.set_threads(Threads{threads});
    }
    [[nodiscard]] std::unique_ptr<PythonNetwork> copy()
    {
        const InUse::Reading reading(use_, "copy");
        return std::make_unique<PythonNetwork>(net_);
    }

    [[nodiscard]] State relax(const py::object& input, const Phase& phase, double beta,
                              const py::object& target, const State* start)
    {
        return present("relax", input, phase, beta, target, start,
                       [&](const auto&... arguments) { return net_.relax(arguments...); });
    }
    [[nodiscard]] py::array raster(const py::object& input, const Phase& phase, double beta,
                                   const py::object& target, const State* start)
    {
        return to_numpy(
            present("spike_raster", input, phase, beta, target, start,
                    [&](const auto&... arguments) { return spike_raster(net_, arguments...); }));
    }

    [[nodiscard]] py::array_t<T> output(const State& state)
    {
        const InUse::Reading reading(use_, "output");
        return to_numpy(net_.output(state));
    }
    [[nodiscard]] double cost(const State& state, const py::object& target)
    {
        const auto y = floats<T, 2>("cost: target", target, {state.batch(), Net::classes});
        const InUse::Reading reading(use_, "cost");
        return net_.cost(state, y);
    }
    [[nodiscard]] py::array_t<std::int64_t> predict(const py::object& input, const Phase& phase,
                                                    std::size_t batch_size)
    {
        require(batch_size > 0, "predict: batch_size: expected at least 1, found 0");
        const auto x = floats<T, 4>("predict: input", input, image_shape);
        const std::size_t pixels = x.size() / std::max<std::size_t>(x.shape()[0], 1);
        std::vector<std::int64_t> found;
        const InUse::Reading reading(use_, "predict");
        for (std::size_t first = 0; first < x.shape()[0]; first += batch_size) {
            check_signals();
            const Release release;
            Relaxation free_phase = phase.value_or(TrainingSettings{}.free_phase);
            free_phase.first_sample += first;
            const std::size_t count = std::min(batch_size, x.shape()[0] - first);
            auto part = make_tensor<T, 4>({count, x.shape()[1], x.shape()[2], x.shape()[3]});
            std::copy_n(x.data() + first * pixels, count * pixels, part.data());
            for (const std::size_t c : epspike::predict(net_, part, free_phase)) {
                found.push_back(static_cast<std::int64_t>(c));
            }
        }
        return py::array_t<std::int64_t>(static_cast<py::ssize_t>(found.size()), found.data());
    }
    [[nodiscard]] double error_rate(const py::object& images, const py::object& labels,
                                    const Phase& phase, std::size_t batch_size,
                                    const py::object& pixel_mean, const py::object& pixel_stddev)
    {
        const Dataset data = dataset("error_rate", images, labels, image_shape, Net::classes);
        const BatchOptions options{
            .pixel_mean = from_python<PerChannel>("error_rate: pixel_mean", pixel_mean),
            .pixel_stddev = from_python<PerChannel>("error_rate: pixel_stddev", pixel_stddev)};
        const BatchRange range = batches(data, batch_size, options);
        const InUse::Reading reading(use_, "error_rate");
        std::size_t errors = 0;
        for (std::size_t k = 0; k < range.size(); ++k) {
            check_signals();
            const Release release;
            const Batch batch = range.batch(k);
            errors += count_errors(
                net_.output(net_.relax(batch.x, phase.value_or(TrainingSettings{}.free_phase))),
                batch.y);
        }
        return static_cast<double>(errors) / static_cast<double>(data.size());
    }

    py::list train(const py::object& images, const py::object& labels,
                   const std::optional<TrainingSettings>& settings, Optimizer* optimizer,
                   Progress* progress, const py::object& on_batch, const py::object& on_epoch,
                   const py::kwargs& fields)
    {
        const auto chosen = changed(settings.value_or(TrainingSettings{}), fields);
        const Dataset data = dataset("train", images, labels, image_shape, Net::classes);
        require((optimizer == nullptr) == (progress == nullptr),
                "train: expected optimizer and progress, with which it goes on, or neither");
        Optimizer new_optimizer;
        Progress new_progress;
        Optimizer& adam = optimizer != nullptr ? *optimizer : new_optimizer;
        Progress& at = progress != nullptr ? *progress : new_progress;
        const InUse::Changing changing(use_, "train");
        const InUse::Changing changing_adam(adam.use, "train: optimizer");
        const InUse::Changing changing_progress(at.use, "train: progress");
        Observer observer(on_batch, on_epoch);
        {
            const Release release;
            epspike::train(net_, adam.adam, data, chosen, observer, at.at);
        }
        return observer.epochs();
    }
    [[nodiscard]] py::dict ep_gradient(const State& plus, const State& minus)
    {
        const InUse::Reading reading(use_, "ep_gradient");
        const auto gradient = [&] {
            const Release release;
            return net_.ep_gradient(plus, minus);
        }();
        py::dict arrays;
        const auto list = net_.parameters();
        for (std::size_t p = 0; p < list.size(); ++p) {
            arrays[py::str(list[p].name)] = to_numpy(gradient[p], list[p].extents);
        }
        return arrays;
    }
    void ep_update(const State& plus, const State& minus, Optimizer& optimizer)
    {
        const InUse::Changing changing(use_, "ep_update");
        const InUse::Changing changing_adam(optimizer.use, "ep_update: optimizer");
        const Release release;
        net_.ep_update(plus, minus, optimizer.adam);
    }

    [[nodiscard]] py::dict parameters()
    {
        const InUse::Reading reading(use_, "parameters");
        py::dict arrays;
        for (const auto& p : net_.parameters()) {
            arrays[py::str(p.name)] = to_numpy(p.values, p.extents);
        }
        return arrays;
    }
    [[nodiscard]] std::vector<float> rates_by_fan_in()
    {
        const InUse::Reading reading(use_, "rates_by_fan_in");
        return epspike::rates_by_fan_in(net_.parameters());
    }
    void assign(const py::dict& values)
    {
        const InUse::Changing changing(use_, "assign");
        std::vector<std::vector<T>> all;
        py::list names;
        for (const auto& p : net_.parameters()) {
            const py::str name(p.name);
            names.append(name);
            const std::string what = "assign: " + p.name;
            all.push_back(values.contains(name) ? flat_floats<T>(what, values[name], p.extents)
                                                : std::vector<T>(p.values.begin(), p.values.end()));
            detail::check_finite<T>(all.back(), p.name, "assign");
        }
        for (const auto& [name, value] : values) {
            if (!names.contains(name)) {
                fail("assign: expected names among " + std::string(py::repr(names)) + ", found " +
                     std::string(py::repr(name)));
            }
        }
        const Release release;
        net_.assign(all);
    }

    void save(const std::filesystem::path& file)
    {
        const InUse::Reading reading(use_, "save");
        const Release release;
        save_weights(net_, file);
    }
    void load(const std::filesystem::path& file)
    {
        const InUse::Changing changing(use_, "load");
        const Release release;
        load_weights(net_, file);
    }
    void import_weights(const std::filesystem::path& file,
                        const std::map<std::string, std::string>& names)
    {
        const InUse::Changing changing(use_, "import_weights");
        const Release release;
        SafetensorsReader reader(file);
        epspike::import_weights(net_, reader, names);
    }
    void save_checkpoint(const std::filesystem::path& file, Optimizer& optimizer,
                         Progress& progress)
    {
        const InUse::Reading reading(use_, "save_checkpoint");
        const InUse::Reading reading_adam(optimizer.use, "save_checkpoint: optimizer");
        const InUse::Reading reading_progress(progress.use, "save_checkpoint: progress");
        const Release release;
        epspike::save_checkpoint(file, net_, optimizer.adam, progress.at);
    }
    void load_checkpoint(const std::filesystem::path& file, Optimizer& optimizer,
                         Progress& progress)
    {
        const InUse::Changing changing(use_, "load_checkpoint");
        const InUse::Changing changing_adam(optimizer.use, "load_checkpoint: optimizer");
        const InUse::Changing changing_progress(progress.use, "load_checkpoint: progress");
        const Release release;
        epspike::load_checkpoint(file, net_, optimizer.adam, progress.at);
    }

private:
    static constexpr std::array<std::size_t, 4> image_shape{
        any_extent, Net::populations[0].channels, Net::populations[0].height,
        Net::populations[0].width};

    /// Calls `f(x, phase[, nudge], from)` without Python's lock.
    template <class F>
    [[nodiscard]] auto present(const std::string& what, const py::object& input, const Phase& phase,
                               double beta, const py::object& target, const State* start,
                               const F& f)
    {
        const auto x = floats<T, 4>(what + ": input", input, image_shape);
        std::optional<Tensor<T, 2>> y;
        if (!target.is_none()) {
            y = floats<T, 2>(what + ": target", target, {x.shape()[0], Net::classes});
        }
        require(y.has_value() || beta == 0.0,
                what + ": expected a target [batch, classes] to nudge towards, found None");
        const InUse::Reading reading(use_, what.c_str());
        const Release release;
        const TrainingSettings defaults;
        const Relaxation& chosen =
            phase ? *phase : (y ? defaults.nudged_phase : defaults.free_phase);
        State from = start != nullptr ? *start : State(x.shape()[0]);
        return y ? f(x, chosen, Nudge{beta, *y}, std::move(from)) : f(x, chosen, std::move(from));
    }

    Net net_;
    InUse use_;
};

} // namespace epspike::python

#endif
