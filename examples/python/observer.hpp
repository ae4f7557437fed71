// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_PYTHON_OBSERVER_HPP
#define EPSPIKE_EXAMPLES_PYTHON_OBSERVER_HPP

#include <string>
#include <utility>

#include <epspike/training/events.hpp>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

namespace epspike::python {

namespace py = pybind11;

/// Lets Python handle signals: raises KeyboardInterrupt if there was Ctrl-C.
inline void check_signals()
{
    if (PyErr_CheckSignals() != 0) {
        throw py::error_already_set();
    }
}

[[nodiscard]] inline py::dict to_dict(const BatchDone& e)
{
    using namespace py::literals;
    return py::dict("epoch"_a = e.epoch, "epochs"_a = e.epochs, "batch"_a = e.batch,
                    "batches"_a = e.batches, "seconds"_a = e.seconds, "mean_cost"_a = e.mean_cost,
                    "training_error"_a = e.training_error, "learning_rate"_a = e.learning_rate);
}
[[nodiscard]] inline py::dict to_dict(const EpochDone& e)
{
    using namespace py::literals;
    return py::dict("epoch"_a = e.epoch, "epochs"_a = e.epochs, "seconds"_a = e.seconds,
                    "mean_cost"_a = e.mean_cost, "training_error"_a = e.training_error,
                    "learning_rate"_a = e.learning_rate, "held_out_error"_a = e.held_out_error,
                    "residual"_a = e.residual, "firing_rate"_a = e.firing_rate,
                    "idle_neurons"_a = e.idle_neurons, "idle_channels"_a = e.idle_channels,
                    "gradient_cosine"_a = e.gradient_cosine);
}

/// Watches a training that runs without Python's lock: keeps what epochs measured, asks for Ctrl-C
/// after every batch, calls back, and warns.
class Observer {
public:
    Observer(py::object on_batch, py::object on_epoch)
        : on_batch_{std::move(on_batch)}, on_epoch_{std::move(on_epoch)}
    {
    }

    Next operator()(const BatchDone& event)
    {
        const py::gil_scoped_acquire lock;
        check_signals();
        return on_batch_.is_none() ? Next::proceed : call("on_batch", on_batch_, to_dict(event));
    }
    Next operator()(const EpochDone& event)
    {
        const py::gil_scoped_acquire lock;
        epochs_.append(to_dict(event));
        return on_epoch_.is_none() ? Next::proceed : call("on_epoch", on_epoch_, to_dict(event));
    }
    void operator()(const Warning& warning)
    {
        const py::gil_scoped_acquire lock;
        if (PyErr_WarnEx(PyExc_UserWarning, warning.text.c_str(), 1) != 0) {
            throw py::error_already_set();
        }
    }

    [[nodiscard]] const py::list& epochs() const noexcept { return epochs_; }

private:
    [[nodiscard]] static Next call(const char* name, const py::object& f, py::dict event)
    {
        const py::object answer = f(std::move(event));
        if (answer.is_none()) {
            return Next::proceed;
        }
        if (py::isinstance<py::str>(answer) && answer.cast<std::string>() == "stop") {
            return Next::stop;
        }
        throw py::type_error(std::string("train: ") + name +
                             ": expected it to return None or \"stop\", found " +
                             std::string(py::repr(answer)));
    }

    py::object on_batch_;
    py::object on_epoch_;
    py::list epochs_;
};

} // namespace epspike::python

#endif
