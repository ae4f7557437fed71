// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "saved_run.hpp"

#include <cstdint>
#include <cstdio>
#include <exception>
#include <optional>

#include <zlib.h>

#include <epspike/io/exact_text.hpp>
#include <epspike/io/safetensors.hpp>

#include "../support/terminal.hpp"

namespace ep = epspike;

namespace {

constexpr std::size_t longest_recipe = 65536;

const std::string* find(const ep::SafetensorsReader& reader, const char* key)
{
    const auto found = reader.metadata().find(key);
    return found == reader.metadata().end() ? nullptr : &found->second;
}

/// 0 in a file that holds no training.
template <class Number>
Number number(const ep::SafetensorsReader& reader, const char* key)
{
    const std::string* text = find(reader, key);
    const auto value = text ? ep::exact_value<Number>(*text) : std::optional<Number>(0);
    if (!value || *value < Number(0)) {
        ep::fail(reader.file() + ": " + key + ": expected a number of at least 0, found \"" +
                 *text + "\"");
    }
    return *value;
}

} // namespace

std::string SavedRun::place() const
{
    return file.string() + " stands in the middle of epoch " + std::to_string(epoch + 1);
}

SavedRun read_saved_run(const std::filesystem::path& file)
{
    const ep::SafetensorsReader reader(file);
    const std::string* recipe = find(reader, "run.recipe");
    if (recipe == nullptr || recipe->empty() || recipe->size() > longest_recipe) {
        ep::fail(file.string() +
                 ": expected a file of this program, which says how its network was trained "
                 "(run.recipe), found " +
                 (recipe == nullptr ? "none"
                  : recipe->empty() ? "an empty one"
                                    : "one of " + std::to_string(recipe->size()) + " bytes"));
    }
    const std::string* fingerprint = find(reader, "run.about.data");
    return {file, *recipe, fingerprint ? *fingerprint : "", number<int>(reader, "training.epoch"),
            number<std::size_t>(reader, "training.batch")};
}

bool holds_training(const std::filesystem::path& file) noexcept
{
    try {
        return find(ep::SafetensorsReader(file), "training.epoch") != nullptr;
    } catch (const std::exception&) {
        return false;
    }
}

std::string fingerprint_of(const ep::Dataset& data)
{
    const auto& shape = data.images.shape();
    const auto images = crc32_z(0, data.images.data(), data.images.size());
    const auto all = crc32_z(images, data.labels.data(), data.labels.size());
    char text[120];
    std::snprintf(text, sizeof text, "%zu images of %zu x %zu x %zu, checksum %08lx", shape[0],
                  shape[1], shape[2], shape[3], static_cast<unsigned long>(all));
    return text;
}

void check_fingerprint(const SavedRun& saved, const std::string& now)
{
    if (saved.fingerprint.empty() || saved.fingerprint == now) {
        return;
    }
    if (saved.mid_epoch()) {
        ep::fail("--data: " + saved.place() + " of other training data: expected " +
                 saved.fingerprint + ", found " + now);
    }
    std::fprintf(stderr, "mnist: going on with other training data than those of %s: %s, not %s\n",
                 printable(saved.file.string()).c_str(), now.c_str(),
                 printable(saved.fingerprint).c_str());
}
