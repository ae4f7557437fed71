# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
#
# gnuplot -c examples/plots/memory_check.gnuplot DIR [FORMAT]
# draws DIR/memory_check.png (or .pdf, .svg) from the table that `memory_check --out DIR` wrote.

dir = ARGC > 0 ? ARG1 : "."
format = ARGC > 1 ? ARG2 : "png"
load system("dirname '".ARG0."'")."/style.gnuplot"
table = dir."/memory_check.csv"
set datafile separator comma
eval picture("memory_check", 1000, 400, 12)
set multiplot layout 1,2
set key top left
set grid lc rgb "#dddddd"
set xlabel "steps of the free phase, T1"
set xrange [0:*]
set yrange [0:*]
of(name, value) = strcol(1) eq name ? value : NaN
set ylabel "peak memory of a training step, MiB"
plot table skip 1 using 2:(of("BPTT", $3)) with linespoints lw 2 pt symbol(2) lc rgb color(2) title "BPTT", \
     table skip 1 using 2:(of("EP", $3)) with linespoints lw 2 pt symbol(1) lc rgb color(1) title "EP"
set ylabel "time of a training step, s"
plot table skip 1 using 2:(of("BPTT", $4)) with linespoints lw 2 pt symbol(2) lc rgb color(2) title "BPTT", \
     table skip 1 using 2:(of("EP", $4)) with linespoints lw 2 pt symbol(1) lc rgb color(1) title "EP"
unset multiplot
