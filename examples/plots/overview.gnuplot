# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
#
# gnuplot -c examples/plots/overview.gnuplot DIR [FORMAT]
# draws DIR/overview.png (or .pdf, .svg), a run at one glance: the spikes of one image, how the network settles, how it learns. It reads
# metrics.csv and what `insight --out DIR` wrote.

dir = ARGC > 0 ? ARG1 : "."
format = ARGC > 1 ? ARG2 : "png"
load system("dirname '".ARG0."'")."/style.gnuplot"
set datafile separator comma
ask(program, table) = system("awk -F, '".program."' '".dir."/".table."'")
layers = ask("$1 == \"free\" { print $3 }", "insight.csv")
neurons = ask("$1 == \"free\" { print $4 }", "insight.csv")
depth = words(layers)
t1 = int(ask("$1 == \"free\" { n = $5 } END { print n }", "insight.csv"))
t2 = int(ask("$1 == \"plus\" { n = $5 } END { print n }", "insight.csv"))
tested = int(ask("NR == 1 { for (i = 1; i <= NF; ++i) if ($i == \"test_error\") c = i } \
    NR > 1 && $c != \"\" { n = 1 } END { print n + 0 }", "metrics.csv"))
epochs = int(ask("END { print $1 }", "metrics.csv"))

eval picture("overview", 1250, 440, 14)
set multiplot
set border 3 lc rgb "#666666"
set tics nomirror out
unset key
low = 0.17
high = 0.85
heading(text, x) = sprintf("set label 9 '%s' at screen %g, 0.93 font 'Sans,18'", text, x)

# The spikes of one image, layers from bottom to top, of a large layer as many neurons as the eye can tell apart.
raster = dir."/raster.csv"
digit = dir."/digit.csv"
stats digit using "prediction" nooutput
found = int(STATS_max)
stats digit using "row" nooutput
rows = STATS_max + 1
stats digit using "column" nooutput
columns = STATS_max + 1
most = 128
count = 0
shown(neuron) = neuron * 0.6180339887 - floor(neuron * 0.6180339887) < 1.0 * most / count
set lmargin at screen 0.085
set rmargin at screen 0.32
set xrange [0 : t1 + 1]
do for [n = 1:depth] {
    bottom = low + (high - low) * (n - 1) / depth
    count = int(word(neurons, n))
    few = count <= 20
    set bmargin at screen bottom
    set tmargin at screen bottom + (high - low) / depth - 0.02
    set yrange [-0.5 - 0.03 * count : count - 0.5 + 0.03 * count]
    unset ytics
    set format x (n == 1 ? "%g" : "")
    if (n == 1) { set xlabel "step" } else { unset xlabel }
    if (n == depth) { eval heading("Neurons spike ...", 0.085) }
    set label 1 word(layers, n) at graph -0.03, graph 0.5 right tc rgb color(n)
    if (few) { set label 2 sprintf("%d", found) at graph 1.02, first found tc rgb color(n) }
    plot raster using (column("population") == n && shown(column("neuron")) ? column("step") : NaN):"neuron" \
        with points pt (few ? 5 : 7) ps (few ? 0.9 : 0.5) lc rgb color(n)
    unset label 2
}
unset label 1
unset xlabel
set format x "%g"

# A free phase and the nudged one that follows it.
settling = dir."/settling.csv"
set lmargin at screen 0.435
set rmargin at screen 0.675
set bmargin at screen low
set tmargin at screen high - 0.02
set ytics autofreq nomirror
set grid ytics lt 1 lc rgb "#dddddd"
set xrange [0 : t1 + t2]
set yrange [0.001 : 1]
set logscale y
set format y "%g"
set xlabel "step"
set ylabel "distance from rest" offset 1, 0
set arrow from t1, graph 0 to t1, graph 1 nohead dt 2 lc rgb "#666666"
set label 3 "free" at t1 / 2.0, graph 1.04 center tc rgb "#666666"
set label 4 "nudged" at t1 + t2 / 2.0, graph 1.04 center tc rgb "#666666"
part(n) = sprintf("<awk -F, 'NR == 1 || ($1 != \"minus\" && $3 == %d)' '%s'", n, settling)
at(phase) = column("step") + (phase eq "plus" ? t1 : 0)
eval heading("... the network settles ...", 0.435)
plot for [n = 1:depth] part(n) using (at(strcol("phase"))):"residual" \
    with linespoints pi 4 lw 2.5 pt symbol(n) ps 1 lc rgb color(n)
unset arrow
unset label 3
unset label 4
unset logscale y
set ytics autofreq nomirror

# How it learned.
set lmargin at screen 0.75
set rmargin at screen 0.985
set xrange [1 - 0.02 * epochs : epochs * 1.02]
set yrange [0 : *]
set xlabel "epoch"
set ylabel "error, %" offset 0, 0
set key top right samplen 1.5 spacing 1.2
eval heading("... and learns", 0.75)
metrics = dir."/metrics.csv"
plot metrics using "epoch":(100 * column("training_error")) \
        with linespoints lw 2.5 pt 7 ps 1 lc rgb color(1) title "training images", \
    metrics using "epoch":(tested ? 100 * column("test_error") : NaN) \
        with linespoints lw 2.5 pt 5 ps 1 lc rgb color(2) title (tested ? "test images" : "")
unset label 9
unset key

# The image itself.
unset border
unset tics
unset xlabel
unset ylabel
unset grid
unset colorbox
set palette gray negative
set lmargin at screen 0.005
set rmargin at screen 0.005 + 0.05
set bmargin at screen 0.02
set tmargin at screen 0.02 + 0.15
set xrange [-0.5 : columns - 0.5]
set yrange [rows - 0.5 : -0.5]
plot digit using "column":"row":"pixel" with image
unset multiplot
