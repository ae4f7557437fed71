# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
#
# gnuplot -c examples/plots/metrics.gnuplot DIR [FORMAT]
# draws DIR/learning_curves.png and DIR/firing_rates.png (or .pdf, .svg) from the table that `mnist --out DIR` wrote.

dir = ARGC > 0 ? ARG1 : "."
format = ARGC > 1 ? ARG2 : "png"
load system("dirname '".ARG0."'")."/style.gnuplot"
table = dir."/metrics.csv"
set datafile separator comma
# Populations have the names of the network 2c2fc, which recipes of earlier versions do not name.
network = system(sprintf("sed -n 's/^network=\"*\\([^\"]*\\)\"*$/\\1/p' '%s/recipe.ini' 2>/dev/null", dir))
usual = network eq "" || network eq "2c2fc"
layer(n) = usual ? word("conv1 conv2 dense1 dense2", n) : "population ".n
# A column without numbers belongs to a measurement that was not asked for.
has(name) = int(system(sprintf("awk -F, 'NR == 1 { for (i = 1; i <= NF; ++i) if ($i == \"%s\") c = i } \
    NR > 1 && c && $c != \"\" { n = 1 } END { print n + 0 }' '%s'", name, table)))
set border 3 lc rgb "#666666"
set tics nomirror
set grid ytics lt 1 lc rgb "#dddddd"
set xlabel "epoch"
last = int(system("awk -F, 'END { print $1 }' '".table."'"))
set xrange [1 - 0.02 * last : last * 1.02]
if (last <= 12) { set xtics 1 }
set key outside bottom center horizontal samplen 2 width 1
set bmargin 6

eval picture("learning_curves", 1100, 420, 12)
set multiplot layout 1,2
set ylabel "error, %"
set yrange [0:*]
errors = "training_error".(has("held_out_error") ? " held_out_error" : "").(has("test_error") ? " test_error" : "")
label(name) = name eq "training_error" ? "training" : name eq "test_error" ? "test" : "held out"
set title "Error (of training images: before each update)"
plot for [i = 1:words(errors)] table using "epoch":(100 * column(word(errors, i))) \
    with linespoints lw 2 pt symbol(i) ps 0.9 lc rgb color(i) title label(word(errors, i))
set title "Cost of training images, before each update"
set ylabel "mean cost of an image"
set yrange [0:*]
plot table using "epoch":"training_cost" with linespoints lw 2 pt 7 ps 0.9 lc rgb color(1) title "training"
unset multiplot

eval picture("firing_rates", 1100, 420, 12)
set multiplot layout 1,2
count = 0
largest = 0.0
do for [n = 1:8] {
    if (has("firing_rate_".n)) {
        count = n
        stats table using "firing_rate_".n nooutput
        if (STATS_max > largest) { largest = STATS_max }
    }
}
set title "Firing rate in the free phase"
set ylabel "spikes per neuron and step"
# Analog neurons send no spikes.
if (largest > 0) { set yrange [0:*] } else { set yrange [0:0.1] }
plot for [n = 1:count] table using "epoch":"firing_rate_".n \
    with linespoints lw 2 pt symbol(n) ps 0.9 lc rgb color(n) title layer(n)
set title "Residual at the end of the free phase"
set ylabel "distance from the fixed point, relative"
set yrange [0:*]
plot for [n = 1:count] table using "epoch":"residual_".n \
    with linespoints lw 2 pt symbol(n) ps 0.9 lc rgb color(n) title layer(n)
unset multiplot
