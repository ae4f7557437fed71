// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_EXAMPLES_PYTHON_FIELDS_HPP
#define EPSPIKE_EXAMPLES_PYTHON_FIELDS_HPP

#include <algorithm>
#include <array>
#include <concepts>
#include <cstdint>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include <epspike/core/error.hpp>
#include <epspike/core/random.hpp>
#include <epspike/core/schedule.hpp>
#include <epspike/data/augment.hpp>
#include <epspike/data/standardisation.hpp>
#include <epspike/dynamics/relaxation.hpp>
#include <epspike/training/homeostasis.hpp>
#include <epspike/training/rate_schedule.hpp>
#include <epspike/training/settings.hpp>
#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

namespace epspike::python {

namespace py = pybind11;

[[nodiscard]] inline std::string number_text(double value)
{
    return py::repr(py::float_(value));
}

/// The names of an enumeration's values in Python, which are those of C++.
template <class Enum>
struct Names;
template <>
struct Names<Order> {
    static constexpr std::array all{std::pair{"synchronous", Order::synchronous},
                                    std::pair{"sequential", Order::sequential}};
};
template <>
struct Names<Nudging> {
    static constexpr std::array all{std::pair{"following", Nudging::following},
                                    std::pair{"normalised", Nudging::normalised}};
};
template <>
struct Names<Draws> {
    static constexpr std::array all{std::pair{"shared", Draws::shared},
                                    std::pair{"independent", Draws::independent}};
};
template <>
struct Names<Coding> {
    static constexpr std::array all{std::pair{"spikes", Coding::spikes},
                                    std::pair{"differences", Coding::differences}};
};
template <>
struct Names<Contrast> {
    static constexpr std::array all{std::pair{"symmetric", Contrast::symmetric},
                                    std::pair{"one_sided", Contrast::one_sided},
                                    std::pair{"random_sign", Contrast::random_sign}};
};
template <>
struct Names<RateDecay> {
    static constexpr std::array all{std::pair{"constant", RateDecay::constant},
                                    std::pair{"step", RateDecay::step},
                                    std::pair{"cosine", RateDecay::cosine}};
};
template <>
struct Names<RateScaling> {
    static constexpr std::array all{std::pair{"none", RateScaling::none},
                                    std::pair{"fan_in", RateScaling::fan_in}};
};

/// What Python sees of a field.
template <class Field>
[[nodiscard]] py::object to_python(const py::object& owner, Field& field)
{
    if constexpr (std::is_enum_v<Field>) {
        for (const auto& [name, value] : Names<Field>::all) {
            if (value == field) {
                return py::str(name);
            }
        }
        fail("a field's value has no name");
    } else if constexpr (std::same_as<Field, Seed>) {
        return py::int_(field.value);
    } else if constexpr (std::same_as<Field, PerChannel>) {
        return field.values().size() == 1 ? py::cast(field[0]) : py::cast(field.values());
    } else if constexpr (std::is_arithmetic_v<Field>) {
        return py::cast(field);
    } else {
        return py::cast(&field, py::return_value_policy::reference_internal, owner);
    }
}

template <class T>
[[nodiscard]] T cast_to(const std::string& where, const char* expected, const py::handle& given)
{
    try {
        return given.cast<T>();
    } catch (const py::cast_error&) {
        throw py::type_error(where + ": expected " + expected + ", found " +
                             std::string(py::repr(given)));
    }
}

/// What a field becomes by what Python gives. Fails with TypeError if that is of another kind.
template <class Field>
[[nodiscard]] Field from_python(const std::string& where, const py::handle& given)
{
    if constexpr (std::is_enum_v<Field>) {
        std::string expected;
        for (const auto& [name, value] : Names<Field>::all) {
            if (py::isinstance<py::str>(given) && given.cast<std::string>() == name) {
                return value;
            }
            expected += (expected.empty() ? "'" : ", '") + std::string(name) + "'";
        }
        fail(where + ": expected one of " + expected + ", found " + std::string(py::repr(given)));
    } else if constexpr (std::same_as<Field, Seed>) {
        return {cast_to<std::uint64_t>(where, "a whole number from 0 to 2**64 - 1", given)};
    } else if constexpr (std::same_as<Field, PerChannel>) {
        if (py::isinstance<py::sequence>(given)) {
            return PerChannel(cast_to<std::vector<float>>(where, "numbers", given));
        }
        return {cast_to<float>(where, "a number or one for each channel", given)};
    } else if constexpr (std::same_as<Field, bool>) {
        return cast_to<bool>(where, "True or False", given);
    } else if constexpr (std::is_unsigned_v<Field>) {
        return cast_to<Field>(where, "a whole number, 0 or more", given);
    } else if constexpr (std::is_integral_v<Field>) {
        return cast_to<Field>(where, "a whole number", given);
    } else if constexpr (std::is_floating_point_v<Field>) {
        return cast_to<Field>(where, "a number", given);
    } else if constexpr (std::same_as<Field, Schedule>) {
        return py::isinstance<Schedule>(given)
                   ? given.cast<Schedule>()
                   : Schedule(cast_to<double>(where, "a number or a Schedule", given));
    } else if constexpr (std::same_as<Field, RateSchedule>) {
        return py::isinstance<RateSchedule>(given)
                   ? given.cast<RateSchedule>()
                   : RateSchedule{.rate =
                                      cast_to<double>(where, "a number or a RateSchedule", given)};
    } else if constexpr (std::same_as<Field, Homeostasis>) {
        return py::isinstance<Homeostasis>(given)
                   ? given.cast<Homeostasis>()
                   : Homeostasis{.target =
                                     cast_to<float>(where, "a number or a Homeostasis", given)};
    } else if constexpr (std::same_as<Field, Relaxation>) {
        return cast_to<Relaxation>(where, "a Relaxation", given);
    } else {
        return cast_to<Field>(where, "an Augment", given);
    }
}

/// `owner` with some fields changed. Fails with TypeError if there is no field of a name.
template <class Owner>
[[nodiscard]] Owner changed(const Owner& owner, const py::dict& fields)
{
    const py::object object = py::cast(owner, py::return_value_policy::copy);
    const py::object names = py::type::of(object).attr("fields");
    for (const auto& [name, value] : fields) {
        if (!names.contains(name)) {
            throw py::type_error(
                std::string(py::str(py::type::of(object).attr("__name__"))) + ": expected one of " +
                std::string(py::str(", ").attr("join")(names).cast<std::string>()) + ", found " +
                std::string(py::str(name)));
        }
        object.attr(py::str(name)) = value;
    }
    return object.cast<Owner>();
}

/// Binds a struct of settings: `Owner(field=value, ...)`, attributes, `replace(field=value, ...)`.
template <class Owner>
class Fields {
public:
    Fields(py::module_& m, const char* name, const char* text)
        : name_{name}, class_{m, name, py::module_local(), text}
    {
    }

    template <class Field>
    Fields& add(const char* name, Field Owner::* member)
    {
        const std::string where = name_ + "." + name;
        class_.def_property(
            name,
            [member](const py::object& self) {
                return to_python(self, self.cast<Owner&>().*member);
            },
            [member, where](Owner& self, const py::object& value) {
                self.*member = from_python<Field>(where, value);
            });
        names_.emplace_back(name);
        return *this;
    }

    void bind()
    {
        class_.attr("fields") = py::tuple(py::cast(names_));
        class_.def(py::init([](const py::kwargs& fields) { return changed(Owner{}, fields); }));
        class_.def(
            "replace",
            [](const Owner& self, const py::kwargs& fields) { return changed(self, fields); },
            "A copy with other values of some fields.");
        class_.def("__copy__", [](const Owner& self) { return self; });
        class_.def("__deepcopy__", [](const Owner& self, const py::dict&) { return self; });
        class_.def("__repr__", [name = name_, names = names_](const py::object& self) {
            std::string text;
            for (const std::string& field : names) {
                text += (text.empty() ? "" : ", ") + field + "=" +
                        std::string(py::repr(self.attr(field.c_str())));
            }
            return name + "(" + text + ")";
        });
    }

private:
    std::string name_;
    py::class_<Owner> class_;
    std::vector<std::string> names_;
};

} // namespace epspike::python

#endif
