// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause

// The input is a file of --recipe, and the recipe in a file of --evaluate.

#include <nlohmann/json.hpp>

#include "command.hpp"

namespace {

/// A safetensors file with that recipe; "" if a file cannot hold it.
std::string saved_run(std::string_view recipe)
{
    try {
        std::string header = nlohmann::json{{"__metadata__", {{"run.recipe", recipe}}}}.dump();
        std::string length(8, '\0');
        for (std::size_t i = 0; i < length.size(); ++i) {
            length[i] = static_cast<char>(header.size() >> 8 * i);
        }
        return length + header;
    } catch (const nlohmann::json::exception&) {
        return "";
    }
}

} // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    namespace test = epspike::test;
    static const test::MemoryFile file;
    const std::string_view text(reinterpret_cast<const char*>(data), size);
    file.set(text);
    if (const auto options = test::options_of({"--recipe", file.name()})) {
        test::must_repeat(*options);
    }
    file.set(saved_run(text));
    if (const auto options = test::options_of({"--evaluate", file.name()})) {
        test::must(options->recipe.size() > 0 && options->out.empty() && options->save.empty() &&
                       options->checkpoint.empty() && options->resume.empty(),
                   "a file's recipe names no files");
        test::must_repeat(*options);
    }
    return 0;
}
