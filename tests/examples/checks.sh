# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause

# Sourced by the tests of the example programs, after they have made their arguments absolute: a folder of their own to
# work in, failed MESSAGE..., and finish NAME, which says how the checks went and ends the test.

# Numbers have a point in them, whatever the user's locale.
export LC_ALL=C

work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work" || exit 1

failures=0
failed() {
    echo "FAILED: $*"
    failures=$((failures + 1))
}

# header FILE PERL: prints FILE with the JSON of its header, $_, edited by a piece of Perl.
header() {
    perl -0777 -ne 'BEGIN { $edit = pop @ARGV }
        my $length = unpack("Q<", $_);
        my ($json, $data) = (substr($_, 8, $length), substr($_, 8 + $length));
        # Whoever edits a file to deceive leaves its checksums out.
        for ($json) { eval $edit; die $@ if $@; s/"epspike\.crc32[^"]*":"[^"]*",//g }
        print pack("Q<", length $json), $json, $data;' "$1" "$2"
}

finish() {
    if [ $failures = 0 ]; then
        echo "$1: all checks passed"
    else
        echo "$1: $failures checks failed"
        exit 1
    fi
}
