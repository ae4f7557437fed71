// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/simd/transform.hpp>

#include "simd/architectures.hpp"
#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <vector>

namespace {

namespace simd = epspike::simd;

/// `count` numbers between two stretches of sentinels, beginning `misalignment` numbers behind a
/// vector's boundary.
template <class T>
class Guarded {
public:
    static constexpr T sentinel = T(-12345);
    static constexpr std::size_t guard = 64;

    Guarded(std::size_t count, std::size_t misalignment, std::size_t seed)
        : begin_{guard + misalignment}, count_{count},
          numbers_(2 * guard + misalignment + count, sentinel)
    {
        for (std::size_t i = 0; i < count; ++i) {
            data()[i] = static_cast<T>((i * 7 + seed * 13) % 31);
        }
    }
    [[nodiscard]] T* data() { return numbers_.data() + begin_; }
    [[nodiscard]] bool intact() const
    {
        const auto same = [](T x) { return x == sentinel; };
        const auto first = numbers_.begin() + static_cast<std::ptrdiff_t>(begin_);
        return std::all_of(numbers_.begin(), first, same) &&
               std::all_of(first + static_cast<std::ptrdiff_t>(count_), numbers_.end(), same);
    }

private:
    std::size_t begin_;
    std::size_t count_;
    std::vector<T> numbers_;
};

template <class T, class Arch>
void check_transform()
{
    using V = simd::Batch<T, Arch>;
    constexpr std::size_t lanes = V::size;
    for (std::size_t count = 0; count < 2 * lanes; ++count) {
        for (std::size_t misalignment = 0; misalignment < lanes; ++misalignment) {
            Guarded<T> a(count, misalignment, 1);
            Guarded<T> b(count, (misalignment * 3) % lanes, 2);
            Guarded<T> c(count, lanes - 1 - misalignment, 3);
            const std::vector<T> old_a(a.data(), a.data() + count);
            const std::vector<T> old_b(b.data(), b.data() + count);
            const std::vector<T> old_c(c.data(), c.data() + count);
            std::size_t calls = 0;
            const T* source = b.data();
            simd::transform<Arch>(
                count,
                [&](V& x, const V& y, V& z) {
                    ++calls;
                    z = z + V(T(1));
                    x = x * y + z;
                },
                a.data(), source, c.data());
            INFO(count << " numbers, misaligned by " << misalignment);
            CHECK(calls == (count + lanes - 1) / lanes);
            CHECK((a.intact() && b.intact() && c.intact()));
            std::size_t wrong = 0;
            for (std::size_t i = 0; i < count; ++i) {
                wrong += b.data()[i] != old_b[i] ? 1U : 0U;
                wrong += c.data()[i] != old_c[i] + T(1) ? 1U : 0U;
                wrong += a.data()[i] != old_a[i] * old_b[i] + old_c[i] + T(1) ? 1U : 0U;
            }
            CHECK(wrong == 0);
        }
    }
}

} // namespace

TEST_CASE("transform equals the plain loop for every size and alignment and leaves its "
          "surroundings alone")
{
    epspike::test::for_each_architecture([](auto arch) {
        check_transform<float, decltype(arch)>();
        check_transform<double, decltype(arch)>();
    });
}

TEST_CASE("transform writes one array from itself")
{
    using V = simd::Batch<float, simd::DefaultArch>;
    std::vector<float> x{1, 2, 3, 4, 5};
    simd::transform<simd::DefaultArch>(x.size(), [](V& v) { v = v + v; }, x.data());
    CHECK(x == std::vector<float>{2, 4, 6, 8, 10});
}
