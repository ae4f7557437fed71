#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# check_links_test.sh WORK: docs/check_links.sh accepts good links and names each bad one.
set -euo pipefail
check=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../docs" && pwd)/check_links.sh
rm -rf "$1"
mkdir -p "$1/sub"
cd "$1"

cat > good.md <<'END'
[page](sub/page.md) [part](other.html#here) [web](https://example.org) `[code](gone.md)`
```
[code](gone.md)
```
END
echo '[up](../good.md)' > sub/page.md
echo '<a href="good.md">x</a><a id="here" href="#here"></a><img src="sub/page.md"/>' > other.html
bash "$check" . >/dev/null || { echo "good links were refused" >&2; exit 1; }

refuses() {
    echo "$2" > "$1"
    if output=$(bash "$check" . 2>&1) || [[ $output != *"$1: dead link: $3"* ]]; then
        echo "$1 with $2 was not refused for $3, but: $output" >&2
        exit 1
    fi
    rm "$1"
}
refuses bad.md 'see [a](gone.md)' gone.md
refuses bad.md 'see ![a](sub/gone.png) here' sub/gone.png
refuses sub/bad.md '[a](good.md)' good.md
refuses bad.html '<a class="x" href="gone.html">x</a>' gone.html
refuses bad.html '<a href="other.html#nowhere">x</a>' other.html#nowhere
refuses bad.html '<script src="gone.js"></script>' gone.js
