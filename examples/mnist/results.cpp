// SPDX-FileCopyrightText: 2026 the epspike authors
// SPDX-License-Identifier: BSD-3-Clause
#include "results.hpp"

#include <string>
#include <system_error>

#include "../support/terminal.hpp"

namespace {

void refuse_to_lose(const Options& o, const std::string& option, const fs::path& file, bool held)
{
    std::error_code ignored;
    if (held && !o.overwrite && !fs::equivalent(file, o.resume, ignored)) {
        ep::fail(option + ": " + file.string() + " holds a training: go on with it by --resume " +
                 shell_word(file.string()) + ", or replace it by adding --overwrite");
    }
}

} // namespace

Results::Results(const Options& o)
{
    if (!o.checkpoint.empty()) {
        const fs::path file = o.checkpoint / "checkpoint.safetensors";
        checkpoint_.emplace("--checkpoint", file);
        refuse_to_lose(o, "--checkpoint", file, fs::exists(file));
    }
    if (!o.save.empty()) {
        network_.emplace("--save", o.save);
        refuse_to_lose(o, "--save", o.save, holds_training(o.save));
    }
}
