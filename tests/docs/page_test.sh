#!/usr/bin/env bash
# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
# page_test.sh WORK: docs/site/page.awk makes of a page as GitHub reads it what Doxygen reads.
set -euo pipefail
export LC_ALL=C
filter=$(cd "$(dirname "${BASH_SOURCE[0]}")/../../docs/site" && pwd)/page.awk
rm -rf "$1"
mkdir -p "$1/studies"
cd "$1"

# becomes PAGE EXPECTED: the two files.
becomes() {
    awk -f "$filter" "$1" | diff - "$2" || { echo "$1 became something else" >&2; exit 1; }
}

cat > long.md <<'END'
# Title
The weight $`w_n`$ and $`b`$, but `$x`.
```math
w \leftarrow w
```
## One
```sh
## not a section, $`no equation`$
```
## Two
## Three
## Four
END
cat > expected <<'END'
# Title

[TOC]
The weight \f$w_n\f$ and \f$b\f$, but `$x`.
\f[
w \leftarrow w
\f]
## One
```sh
## not a section, $`no equation`$
```
## Two
## Three
## Four
END
becomes long.md expected

grep -v Four long.md > short.md
grep -v 'Four\|TOC' expected | sed 2d > fewer
becomes short.md fewer

echo 'see `ep::load_cifar10`, `ep::Net` and `other`' | tee reference.md > plain.md
echo 'see @ref epspike::load_cifar10 "load_cifar10", @ref epspike::Net "Net" and `other`' > linked
becomes reference.md linked
becomes plain.md plain.md

echo '- [Late in it](late-in-it.md): [up](../faq.md)?' | tee studies/README.md > list.md
echo '- @subpage md_studies_late_in_it "Late in it": [up](../faq.md)?' > adopted
becomes studies/README.md adopted
becomes list.md list.md
