# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
#
# gnuplot -c examples/plots/memory_check.gnuplot DIR
# draws DIR/memory_check.png from the table that `memory_check --out DIR` wrote.

dir = ARGC > 0 ? ARG1 : "."
table = dir."/memory_check.csv"
set datafile separator comma
set terminal pngcairo size 1000,400 font "Sans,11" noenhanced
set output dir."/memory_check.png"
set multiplot layout 1,2
set key top left
set grid lc rgb "#dddddd"
set xlabel "steps of the free phase, T1"
set xrange [0:*]
set yrange [0:*]
of(name, value) = strcol(1) eq name ? value : NaN
set ylabel "peak memory of a training step, MiB"
plot table skip 1 using 2:(of("BPTT", $3)) with linespoints lw 2 pt 7 lc rgb "#e6550d" title "BPTT", \
     table skip 1 using 2:(of("EP", $3)) with linespoints lw 2 pt 5 lc rgb "#2171b5" title "EP"
set ylabel "time of a training step, s"
plot table skip 1 using 2:(of("BPTT", $4)) with linespoints lw 2 pt 7 lc rgb "#e6550d" title "BPTT", \
     table skip 1 using 2:(of("EP", $4)) with linespoints lw 2 pt 5 lc rgb "#2171b5" title "EP"
unset multiplot
