// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#ifndef EPSPIKE_IO_DTYPE_HPP
#define EPSPIKE_IO_DTYPE_HPP

#include <array>
#include <bit>
#include <cmath>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <optional>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>

#include "../core/concepts.hpp"

namespace epspike {

/// The number formats of safetensors that are read; f32 and f64 are written.
enum class Dtype { f64, f32, f16, bf16, i64, i32, u8 };

namespace detail {

struct DtypeRow {
    Dtype dtype;
    const char* name;
    std::size_t bytes;
};
inline constexpr std::array<DtypeRow, 7> dtypes{{{Dtype::f64, "F64", 8},
                                                 {Dtype::f32, "F32", 4},
                                                 {Dtype::f16, "F16", 2},
                                                 {Dtype::bf16, "BF16", 2},
                                                 {Dtype::i64, "I64", 8},
                                                 {Dtype::i32, "I32", 4},
                                                 {Dtype::u8, "U8", 1}}};

struct OtherDtype {
    const char* name;
    std::size_t bits;
};
/// Those of the format that are not read, so that tensors of other programs can be passed over.
inline constexpr std::array<OtherDtype, 13> other_dtypes{{{"BOOL", 8},
                                                          {"I8", 8},
                                                          {"F8_E4M3", 8},
                                                          {"F8_E5M2", 8},
                                                          {"F8_E8M0", 8},
                                                          {"I16", 16},
                                                          {"U16", 16},
                                                          {"U32", 32},
                                                          {"U64", 64},
                                                          {"C64", 64},
                                                          {"F4", 4},
                                                          {"F6_E2M3", 6},
                                                          {"F6_E3M2", 6}}};

/// The number format of that name, if it is one that is read.
[[nodiscard]] constexpr std::optional<Dtype> dtype_of_name(std::string_view name) noexcept
{
    for (const auto& row : dtypes) {
        if (name == row.name) {
            return row.dtype;
        }
    }
    return {};
}
/// "F64, F32, ...": those that are read.
[[nodiscard]] inline std::string dtype_names()
{
    std::string names;
    for (const auto& row : dtypes) {
        names += (names.empty() ? "" : ", ") + std::string(row.name);
    }
    return names;
}
/// Bits of a number, if the format is known.
[[nodiscard]] constexpr std::optional<std::size_t> bits_of(std::string_view name) noexcept
{
    for (const auto& row : dtypes) {
        if (name == row.name) {
            return 8 * row.bytes;
        }
    }
    for (const auto& row : other_dtypes) {
        if (name == row.name) {
            return row.bits;
        }
    }
    return {};
}

} // namespace detail

/// Bytes of a number.
[[nodiscard]] constexpr std::size_t size_of(Dtype dtype) noexcept
{
    return detail::dtypes[static_cast<std::size_t>(dtype)].bytes;
}
/// The name in files: "F32".
[[nodiscard]] constexpr const char* name_of(Dtype dtype) noexcept
{
    return detail::dtypes[static_cast<std::size_t>(dtype)].name;
}

/// The number format of float (F32) and double (F64).
template <ScalarType T>
inline constexpr Dtype dtype_of = std::same_as<T, float> ? Dtype::f32 : Dtype::f64;

namespace detail {

/// The unsigned integer of as many bytes as T.
template <class T>
using BitsOf = std::conditional_t<
    sizeof(T) == 8, std::uint64_t,
    std::conditional_t<sizeof(T) == 4, std::uint32_t,
                       std::conditional_t<sizeof(T) == 2, std::uint16_t, std::uint8_t>>>;

template <class T>
void store_little_endian(T value, std::byte* out) noexcept
{
    const auto bits = std::bit_cast<BitsOf<T>>(value);
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        out[i] = static_cast<std::byte>(bits >> 8 * i);
    }
}
template <class T>
[[nodiscard]] T load_little_endian(const std::byte* in) noexcept
{
    std::uint64_t bits = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i) {
        bits |= static_cast<std::uint64_t>(in[i]) << 8 * i;
    }
    return std::bit_cast<T>(static_cast<BitsOf<T>>(bits));
}

/// The number of an IEEE half.
[[nodiscard]] inline float half_value(std::uint16_t bits) noexcept
{
    const int exponent = bits >> 10 & 0x1F;
    const int fraction = bits & 0x3FF;
    float magnitude = std::ldexp(static_cast<float>(fraction | 0x400), exponent - 25);
    if (exponent == 0) {
        magnitude = std::ldexp(static_cast<float>(fraction), -24);
    } else if (exponent == 31) {
        magnitude = fraction == 0 ? std::numeric_limits<float>::infinity()
                                  : std::numeric_limits<float>::quiet_NaN();
    }
    return (bits & 0x8000) != 0 ? -magnitude : magnitude;
}

/// The number of type T that is stored at `in`, and whether T can hold it: floating-point numbers
/// may be rounded but not overflow, integers must stay the same.
template <ScalarType T>
[[nodiscard]] std::pair<T, bool> stored_value(Dtype dtype, const std::byte* in) noexcept
{
    const auto integer = [](std::int64_t value) {
        constexpr auto most = std::int64_t{1} << std::numeric_limits<T>::digits;
        return std::pair{static_cast<T>(value), -most <= value && value <= most};
    };
    switch (dtype) {
    case Dtype::f64: {
        const auto value = load_little_endian<double>(in);
        const auto most = static_cast<double>(std::numeric_limits<T>::max());
        const bool fits = !std::isfinite(value) || std::abs(value) <= most;
        return {fits ? static_cast<T>(value) : T{}, fits};
    }
    case Dtype::f32:
        return {static_cast<T>(load_little_endian<float>(in)), true};
    case Dtype::f16:
        return {static_cast<T>(half_value(load_little_endian<std::uint16_t>(in))), true};
    case Dtype::bf16: {
        const std::uint32_t bits = load_little_endian<std::uint16_t>(in);
        return {static_cast<T>(std::bit_cast<float>(bits << 16)), true};
    }
    case Dtype::i64:
        return integer(load_little_endian<std::int64_t>(in));
    case Dtype::i32:
        return integer(load_little_endian<std::int32_t>(in));
    case Dtype::u8:
        return integer(load_little_endian<std::uint8_t>(in));
    }
    return {T{}, false};
}

} // namespace detail

} // namespace epspike

#endif
