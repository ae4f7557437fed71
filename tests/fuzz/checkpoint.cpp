// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/io/checkpoint.hpp>

#include "small_network.hpp"

namespace {

namespace ep = epspike;
using ep::test::Small;

/// All that a checkpoint holds, as it would be saved.
struct Contents {
    ep::Metadata metadata;
    std::vector<float> numbers;

    friend bool operator==(const Contents&, const Contents&) = default;
};

template <class... Objects>
Contents contents(const Small& net, Objects... objects)
{
    Contents all{.metadata = {}, .numbers = ep::test::weights(net)};
    const auto parameters = net.parameters();
    std::vector<ep::TensorSource> tensors;
    ep::detail::FieldWriter<float> fields(parameters, all.metadata, tensors);
    (checkpoint_fields(objects, fields), ...);
    for (const auto& tensor : tensors) {
        const auto values = std::get<std::span<const float>>(tensor.values);
        all.numbers.insert(all.numbers.end(), values.begin(), values.end());
    }
    return all;
}

template <class... Objects>
void load(ep::SafetensorsReader& file, Small net, Objects... objects)
{
    const auto before = contents(net, objects...);
    const bool loaded =
        ep::test::loads(net, [&](Small& n) { ep::load_checkpoint(file, n, objects...); });
    const auto after = contents(net, objects...);
    ep::test::must_be_finite(after.numbers);
    ep::test::must(loaded || after == before, "objects that refuse a file are as they were");
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Small fresh{ep::Seed{1}, ep::Threads{1}};
    ep::test::takes([&] {
        ep::SafetensorsReader file(std::as_bytes(std::span(data, size)), "x");
        load(file, fresh, ep::Adam{}, ep::Progress{});
        load(file, fresh, ep::SGD{}, ep::WeightAverage<float>{});
    });
    return 0;
}
