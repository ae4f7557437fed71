// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_PYTHON_BIND_SETTINGS_HPP
#define EPSPIKE_EXAMPLES_PYTHON_BIND_SETTINGS_HPP

#include <vector>

#include <epspike/core/error.hpp>
#include <epspike/core/schedule.hpp>
#include <epspike/dynamics/relaxation.hpp>
#include <epspike/learning/adam.hpp>
#include <epspike/training/settings.hpp>
#include <pybind11/pybind11.h>

#include "fields.hpp"
#include "in_use.hpp"

namespace epspike::python {

/// An optimiser in the hands of Python.
struct Optimizer {
    Adam adam;
    InUse use{};
};

/// Binds what networks of any type are relaxed and trained with. Once a module.
inline void bind_settings(py::module_& m)
{
    py::register_local_exception<Error>(m, "Error", PyExc_ValueError).attr("__doc__") =
        "What the library refuses: the message says expected and found.";

    py::class_<Schedule>(m, "Schedule", py::module_local(),
                         "A number that varies over the steps of a phase.")
        .def(py::init<double>(), py::arg("value"), "The same value at every step.")
        .def("at", &Schedule::at, py::arg("t"), "The value at step t = 1, 2, ...")
        .def("__repr__", [](const Schedule& s) {
            return s.function == nullptr
                       ? "Schedule(" + number_text(s.a) + ")"
                       : "power_law(" + number_text(s.a) + ", " + number_text(s.b) + ")";
        });
    m.def("power_law", &power_law, py::arg("scale"), py::arg("exponent"),
          "The schedule scale * t ** exponent.");

    Fields<Relaxation>(m, "Relaxation", "How one phase relaxes.")
        .add("steps", &Relaxation::steps)
        .add("step_size", &Relaxation::step_size)
        .add("coder_decay", &Relaxation::coder_decay)
        .add("average_last", &Relaxation::average_last)
        .add("order", &Relaxation::order)
        .add("feedback_gain", &Relaxation::feedback_gain)
        .add("nudging", &Relaxation::nudging)
        .add("noise", &Relaxation::noise)
        .add("draws", &Relaxation::draws)
        .add("first_sample", &Relaxation::first_sample)
        .add("coding", &Relaxation::coding)
        .add("quantum", &Relaxation::quantum)
        .add("settled", &Relaxation::settled)
        .bind();
    Fields<RateSchedule>(m, "RateSchedule", "The learning rate at every moment of a training.")
        .add("rate", &RateSchedule::rate)
        .add("decay", &RateSchedule::decay)
        .add("last", &RateSchedule::last)
        .add("factor", &RateSchedule::factor)
        .add("every", &RateSchedule::every)
        .add("warm_up", &RateSchedule::warm_up)
        .add("scaling", &RateSchedule::scaling)
        .bind();
    Fields<Augment>(m, "Augment", "How training images are displaced and cut, at random.")
        .add("max_shift", &Augment::max_shift)
        .add("horizontal_flip", &Augment::horizontal_flip)
        .add("cutout", &Augment::cutout)
        .bind();
    Fields<Homeostasis>(m, "Homeostasis", "A local rule that wakes idle units.")
        .add("target", &Homeostasis::target)
        .add("strength", &Homeostasis::strength)
        .bind();
    Fields<TrainingSettings>(m, "TrainingSettings", "Everything that decides how a training goes.")
        .add("epochs", &TrainingSettings::epochs)
        .add("batch_size", &TrainingSettings::batch_size)
        .add("shards", &TrainingSettings::shards)
        .add("seed", &TrainingSettings::seed)
        .add("free_phase", &TrainingSettings::free_phase)
        .add("nudged_phase", &TrainingSettings::nudged_phase)
        .add("beta", &TrainingSettings::beta)
        .add("contrast", &TrainingSettings::contrast)
        .add("gradient_norm", &TrainingSettings::gradient_norm)
        .add("homeostasis", &TrainingSettings::homeostasis)
        .add("learning_rate", &TrainingSettings::learning_rate)
        .add("pixel_mean", &TrainingSettings::pixel_mean)
        .add("pixel_stddev", &TrainingSettings::pixel_stddev)
        .add("augment", &TrainingSettings::augment)
        .add("dropout", &TrainingSettings::dropout)
        .add("average_epochs", &TrainingSettings::average_epochs)
        .add("held_out", &TrainingSettings::held_out)
        .add("patience", &TrainingSettings::patience)
        .bind();

    py::class_<Optimizer>(m, "Adam", py::module_local(), "Adam with decoupled weight decay.")
        .def(py::init([](float learning_rate, float beta1, float beta2, float epsilon,
                         float weight_decay, std::vector<float> layer_rates,
                         std::vector<float> layer_decays) {
                 Optimizer optimizer{{.learning_rate = learning_rate,
                                      .beta1 = beta1,
                                      .beta2 = beta2,
                                      .epsilon = epsilon,
                                      .weight_decay = weight_decay,
                                      .layer_rates = std::move(layer_rates),
                                      .layer_decays = std::move(layer_decays)}};
                 optimizer.adam.validate();
                 return optimizer;
             }),
             py::kw_only(), py::arg("learning_rate") = Adam{}.learning_rate,
             py::arg("beta1") = Adam{}.beta1, py::arg("beta2") = Adam{}.beta2,
             py::arg("epsilon") = Adam{}.epsilon, py::arg("weight_decay") = Adam{}.weight_decay,
             py::arg("layer_rates") = std::vector<float>{},
             py::arg("layer_decays") = std::vector<float>{})
        .def_property(
            "learning_rate", [](const Optimizer& o) { return o.adam.learning_rate; },
            [](Optimizer& o, float rate) {
                const InUse::Changing changing(o.use, "Adam.learning_rate");
                o.adam.learning_rate = rate;
            },
            "Of the next step; train() sets it for every batch.")
        .def_property_readonly(
            "step", [](const Optimizer& o) { return o.adam.step; }, "Steps made.");
}

} // namespace epspike::python

#endif
