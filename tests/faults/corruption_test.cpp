// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include <epspike/io/checkpoint.hpp>

#include "support/catch.hpp"
#include "support/temp_dir.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <span>
#include <string>

namespace {

namespace ep = epspike;
using ep::test::Bytes;
using ep::test::TempDir;

using Net = ep::Network<ep::Input<1, 6, 6>, ep::SpikingConv<3, 3>, ep::Dense<5>>;

struct Run {
    Net net{ep::Seed{1}, ep::Threads{1}};
    ep::Adam adam;
    ep::Progress progress;

    void save(const std::filesystem::path& file) const
    {
        ep::save_checkpoint(file, net, adam, progress);
    }
};

Bytes contents(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// Draws what failing disks, memories and transfers do to a file.
class Corruption {
public:
    explicit Corruption(std::uint32_t number) : random_{ep::Seed{number}, ep::Purpose::user} {}

    Bytes operator()(Bytes bytes)
    {
        const auto size = bytes.size();
        const auto from = bytes.begin() + offset(size);
        const auto length = std::min(offset(std::size_t{1} << below(12)) + 1, bytes.end() - from);
        switch (below(8)) {
        case 0: // a bit, the most frequent
        case 1:
            *from = static_cast<std::uint8_t>(*from ^ 1u << below(8));
            break;
        case 2:
            *from = static_cast<std::uint8_t>(below(256));
            break;
        case 3: // a sector that was never written
            std::fill_n(from, length, std::uint8_t{0});
            break;
        case 4: // one of another file
            std::generate_n(from, length, [&] { return static_cast<std::uint8_t>(below(256)); });
            break;
        case 5: // an end that is lost
            bytes.erase(from, bytes.end());
            break;
        case 6: // a part that is lost or comes twice
            if (below(2) == 0) {
                bytes.erase(from, from + length);
            } else {
                const Bytes part(from, from + length);
                bytes.insert(from, part.begin(), part.end());
            }
            break;
        case 7: { // two parts in each other's place
            const auto other = bytes.begin() + offset(size - static_cast<std::size_t>(length) + 1);
            const Bytes part(from, from + length);
            std::copy_n(Bytes(other, other + length).begin(), length, from);
            std::copy(part.begin(), part.end(), other);
            break;
        }
        }
        return bytes;
    }

private:
    std::uint64_t below(std::uint64_t limit) { return random_.below(draws_++, limit); }
    std::ptrdiff_t offset(std::size_t limit) { return static_cast<std::ptrdiff_t>(below(limit)); }

    ep::Random random_;
    std::uint64_t draws_ = 0;
};

} // namespace

// EPSPIKE_CORRUPTIONS says how many there are to be.
TEST_CASE("no corruption of a checkpoint is accepted as something else", "[faults]")
{
    const char* wanted = std::getenv("EPSPIKE_CORRUPTIONS");
    const auto count = static_cast<std::uint32_t>(wanted != nullptr ? std::atoi(wanted) : 3000);
    const TempDir folder;
    const auto file = folder.path() / "c.safetensors";
    Run run;
    run.progress = {.epoch = 3, .batch = 2, .seed = ep::Seed{7}, .settings = {{"beta", "0.5"}}};
    typename Net::Gradient gradient(run.net.parameters(), 1);
    std::fill(gradient.values().begin(), gradient.values().end(), 0.1f);
    run.net.update(gradient, run.adam);
    run.save(file);
    const Bytes sound = contents(file);

    std::uint32_t refused = 0;
    std::uint32_t unchanged = 0;
    for (std::uint32_t number = 0; number < count; ++number) {
        const Bytes bytes = Corruption(number)(sound);
        Run loaded;
        try {
            ep::SafetensorsReader reader(std::as_bytes(std::span(bytes)), "x");
            ep::load_checkpoint(reader, loaded.net, loaded.adam, loaded.progress);
        } catch (const ep::Error&) {
            ++refused;
            continue;
        }
        unchanged += bytes == sound ? 1 : 0;
        loaded.save(file);
        INFO("corruption " << number);
        CHECK(contents(file) == sound);
    }
    WARN(count << " corruptions: " << refused << " refused, " << unchanged << " changed nothing, "
               << count - refused - unchanged << " changed nothing that counts");
    CHECK(refused > count / 2);
}
