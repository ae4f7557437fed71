# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
#
# What the pictures share. Whoever loads it has set `dir` and `format` (png, pdf or svg).

# The colours of Okabe and Ito, which colour-blind people tell apart, and a mark for each.
color(n) = word("#0072b2 #e69f00 #009e73 #cc79a7 #56b4e9 #d55e00 #f0e442 #000000", n)
symbol(n) = int(word("7 5 9 13 11 15 6 4", n))

# picture(name, width, height, font): what begins DIR/name.FORMAT of so many pixels, 96 of them an inch, its letters as
# many points high: eval picture("raster", 1000, 800, 11)
terminal(width, height, font) = format eq "pdf" \
    ? sprintf("set terminal pdfcairo size %.3fin,%.3fin font 'Sans,%g' noenhanced", width / 96.0, height / 96.0, font) \
    : sprintf("set terminal %s size %d,%d font 'Sans,%g' noenhanced", format eq "svg" ? "svg background '#ffffff'" : "pngcairo", \
              width, height, font)
picture(name, width, height, font) = terminal(width, height, font)."; set output '".dir."/".name.".".format."'"
