// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_PYTHON_BIND_NETWORK_HPP
#define EPSPIKE_EXAMPLES_PYTHON_BIND_NETWORK_HPP

#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include <epspike/core/parallel.hpp>
#include <epspike/core/random.hpp>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>
#include <pybind11/stl/filesystem.h>

#include "bind_settings.hpp"
#include "python_network.hpp"

namespace epspike::python {

template <class State>
void bind_state(py::module_& m, const std::string& name)
{
    const auto checked = [](const char* what, std::size_t n) {
        if (n >= State::populations) {
            throw py::index_error(std::string(what) + ": expected a population from 0 to " +
                                  std::to_string(State::populations - 1) + ", found " +
                                  std::to_string(n));
        }
        return n;
    };
    py::class_<State>(m, name.c_str(), py::module_local(),
                      "Where the neurons stand for each sample of a batch. Population 0 is the "
                      "input.")
        .def_property_readonly("batch", &State::batch, "Samples.")
        .def_property_readonly("beta", &State::beta, "How hard the phase that led here nudged.")
        .def_property_readonly("steps", &State::steps, "Steps of that phase.")
        .def(
            "potentials",
            [checked](const State& s, std::size_t n) {
                return to_numpy(s.potentials(checked("potentials", n)));
            },
            py::arg("population"), "[batch, channels, height, width].")
        .def(
            "time_average",
            [checked](const State& s, std::size_t n) {
                return to_numpy(s.time_average(checked("time_average", n)));
            },
            py::arg("population"),
            "Potentials averaged over the last steps, if the phase asked for it: what is "
            "contrasted.")
        .def(
            "spikes",
            [checked](const State& s, std::size_t n) {
                const auto& spikes = s.spikes(checked("spikes", n));
                const std::vector<std::int64_t> counts(spikes.begin(), spikes.end());
                return to_numpy(std::span(counts), {counts.size()});
            },
            py::arg("population"), "[batch]: spikes of each sample in the phase that led here.")
        .def(
            "firing_rate",
            [checked](const State& s, std::size_t n) {
                return s.firing_rate(checked("firing_rate", n));
            },
            py::arg("population"), "Spikes per neuron and step.");
}

/// Binds a network type: the class `name`, and with it `name`State and `name`Progress.
template <NetworkModel Net>
void bind_network(py::module_& m, const std::string& name)
{
    using Self = PythonNetwork<Net>;
    using Progress = PythonProgress<Net>;
    bind_state<typename Net::State>(m, name + "State");
    py::class_<Progress>(m, (name + "Progress").c_str(), py::module_local(),
                         "Where a training stands: with the network and the optimiser all it takes "
                         "to go on.")
        .def(py::init<>())
        .def_property_readonly("epoch", [](const Progress& p) { return p.at.epoch; })
        .def_property_readonly(
            "batch", [](const Progress& p) { return p.at.batch; }, "The next batch of that epoch.");

    using namespace py::literals;
    py::class_<Self> c(m, name.c_str(), py::module_local(), Net::architecture().c_str());
    c.def(py::init([name](const py::object& seed, int threads) {
              const Seed value = from_python<Seed>(name + ": seed", seed);
              const py::gil_scoped_release release;
              return std::make_unique<Self>(Net{value, Threads{threads}});
          }),
          "seed"_a = 0, "threads"_a = 0, "threads: 0 takes as many as the machine has.")
        .def_property_readonly_static("architecture",
                                      [](const py::object&) { return Net::architecture(); })
        .def_property_readonly_static("classes",
                                      [](const py::object&) { return std::size_t{Net::classes}; })
        .def_property_readonly_static(
            "populations", [](const py::object&) { return Self::populations(); },
            "(channels, height, width) of the input and of every population.")
        .def_property("threads", &Self::threads, &Self::set_threads)
        .def("__repr__",
             [name](const Self&) { return "<" + name + ": " + Net::architecture() + ">"; })
        .def("__copy__", &Self::copy)
        .def("__deepcopy__", [](Self& self, const py::dict&) { return self.copy(); })

        .def("relax", &Self::relax, "x"_a, "phase"_a = py::none(), py::kw_only(), "beta"_a = 0.0,
             "target"_a = py::none(), "start"_a = py::none(),
             "Relaxes x, [batch, channels, height, width], and returns the state. With beta and "
             "target, [batch, classes], it is nudged; start is the state it goes on from, rest if "
             "None. phase: by default TrainingSettings().free_phase, or nudged_phase if nudged.")
        .def("output", &Self::output, "state"_a,
             "[batch, classes]: scores, whose largest is the prediction.")
        .def("cost", &Self::cost, "state"_a, "target"_a, "Mean cost of a sample.")
        .def("predict", &Self::predict, "x"_a, "phase"_a = py::none(), py::kw_only(),
             "batch_size"_a = 100, "[n]: the class of every sample after a free phase.")
        .def("error_rate", &Self::error_rate, "images"_a, "labels"_a, "phase"_a = py::none(),
             py::kw_only(), "batch_size"_a = 100, "pixel_mean"_a = 0.0, "pixel_stddev"_a = 1.0,
             "The share of wrong predictions, in [0, 1]. Images are uint8.")
        .def("spike_raster", &Self::raster, "x"_a, "phase"_a = py::none(), py::kw_only(),
             "beta"_a = 0.0, "target"_a = py::none(), "start"_a = py::none(),
             "Every spike of what relax() does with the same arguments: a structured array of "
             "sample, step, population, neuron.")

        .def("train", &Self::train, "images"_a, "labels"_a, "settings"_a = py::none(),
             py::kw_only(), "optimizer"_a = py::none(), "progress"_a = py::none(),
             "on_batch"_a = py::none(), "on_epoch"_a = py::none(),
             "Trains on uint8 images, [n, channels, height, width], and labels, [n], and returns "
             "a list of what was measured in every epoch. Fields of TrainingSettings are keywords. "
             "on_batch and on_epoch are called with a dict; what returns \"stop\" ends the "
             "training. With optimizer and progress it goes on where they stand.")
        .def("ep_gradient", &Self::ep_gradient, "plus"_a, "minus"_a,
             "The gradient estimated from two states, by the names of parameters().")
        .def("ep_update", &Self::ep_update, "plus"_a, "minus"_a, "optimizer"_a,
             "One step of the optimiser along ep_gradient(plus, minus).")

        .def("parameters", &Self::parameters, "A dict of copies of all weights and biases.")
        .def("rates_by_fan_in", &Self::rates_by_fan_in,
             "The layer_rates of Adam that train() uses unless it is told otherwise.")
        .def("assign", &Self::assign, "values"_a,
             "Overwrites the parameters that a dict names, all of them or none.")
        .def("save", &Self::save, "file"_a, "Writes all parameters to a safetensors file.")
        .def("load", &Self::load, "file"_a, "Reads what save() or save_checkpoint() wrote.")
        .def("import_weights", &Self::import_weights, "file"_a,
             "names"_a = std::map<std::string, std::string>{},
             "Reads any safetensors file; names maps a parameter to its name there.")
        .def("save_checkpoint", &Self::save_checkpoint, "file"_a, "optimizer"_a, "progress"_a,
             "Writes all it takes to go on with a training, bit for bit.")
        .def("load_checkpoint", &Self::load_checkpoint, "file"_a, "optimizer"_a, "progress"_a,
             "Reads what save_checkpoint() wrote.");
}

} // namespace epspike::python

#endif
