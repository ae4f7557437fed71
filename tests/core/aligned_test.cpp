// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/core/aligned.hpp>

#include "support/catch.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

namespace {

namespace ep = epspike;

template <class T>
bool begins_on_a_line(const ep::AlignedVector<T>& v)
{
    return reinterpret_cast<std::uintptr_t>(v.data()) % ep::alignment == 0;
}

template <class T>
void check_storage()
{
    for (std::size_t size = 1; size < 200; ++size) {
        ep::AlignedVector<T> v(size);
        REQUIRE(begins_on_a_line(v));
        REQUIRE(std::all_of(v.begin(), v.end(), [](T x) { return x == T{}; }));
        v.back() = T{1};
        v.resize(3 * size);
        REQUIRE(begins_on_a_line(v));
        REQUIRE(v[size - 1] == T{1});
        REQUIRE(std::all_of(v.begin() + static_cast<std::ptrdiff_t>(size), v.end(),
                            [](T x) { return x == T{}; }));
    }
}

} // namespace

TEST_CASE("aligned storage begins on a cache line and is zero, also after growing")
{
    check_storage<char>();
    check_storage<std::uint32_t>();
    check_storage<float>();
    check_storage<double>();
}

TEST_CASE("aligned storage copies and moves like a vector")
{
    ep::AlignedVector<float> a(5, 2.0f);
    ep::AlignedVector<float> b = a;
    CHECK(begins_on_a_line(b));
    CHECK(b == a);
    const float* block = a.data();
    const ep::AlignedVector<float> c = std::move(a);
    CHECK(c.data() == block);
    CHECK(ep::AlignedAllocator<float>{} ==
          ep::AlignedAllocator<float>{ep::AlignedAllocator<double>{}});
}
