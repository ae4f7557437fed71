# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
#
# gnuplot -c examples/plots/insight.gnuplot DIR [FORMAT]
# draws DIR/filters.png, DIR/settling.png, DIR/traces.png, DIR/confusion.png and DIR/raster.png (or .pdf, .svg) from the tables
# that `insight --out DIR` wrote.

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

# Filters side by side, one scale for all, 0 is white.
table = dir."/filters.csv"
stats table using "filter" nooutput
filters = int(STATS_max) + 1
stats table using "row" nooutput
height = int(STATS_max) + 1
stats table using "column" nooutput
width = int(STATS_max) + 1
stats table using "weight" nooutput
largest = abs(STATS_max) > abs(STATS_min) ? abs(STATS_max) : abs(STATS_min)
across = ceil(sqrt(2 * filters))
down = ceil(1.0 * filters / across)
pixels = 800.0 * down * (height + 1) / (across * (width + 1))
eval picture("filters", 960, 70 + pixels, 12)
set title "The ".filters." filters of the first layer"
set lmargin at screen 0.02
set rmargin at screen 0.02 + 800.0 / 960
set bmargin at screen 0.02
set tmargin at screen 0.02 + pixels / (70 + pixels)
unset border
unset tics
unset key
set xrange [-1 : across * (width + 1) - 0.5]
set yrange [down * (height + 1) - 0.5 : -1]
set palette defined (-1 "#2166ac", -0.5 "#92c5de", 0 "#ffffff", 0.5 "#f4a582", 1 "#b2182b")
set cbrange [-largest : largest]
set cbtics scale 0.5
set cblabel "weight"
do for [f = 0 : filters - 1] {
    left = f % across * (width + 1) - 0.5
    upper = f / across * (height + 1) - 0.5
    set object f + 1 rectangle from left, upper to left + width, upper + height fs empty border lc rgb "#999999" front
}
plot table using (int(column("filter")) % across * (width + 1) + column("column")): \
                (floor(column("filter") / across) * (height + 1) + column("row")): \
                (0.5):(0.5):"weight" with boxxyerror fs solid noborder lc palette

# A free phase and the nudged one that follows it.
reset
set datafile separator comma
table = dir."/settling.csv"
eval picture("settling", 1100, 420, 12)
set border 3 lc rgb "#666666"
set tics nomirror
set grid ytics lt 1 lc rgb "#dddddd"
set xlabel "step"
set xrange [0 : t1 + t2]
set arrow from t1, graph 0 to t1, graph 1 nohead dt 2 lc rgb "#666666"
set label "free" at t1 / 2.0, graph 1.04 center tc rgb "#666666"
set label "nudged" at t1 + t2 / 2.0, graph 1.04 center tc rgb "#666666"
part(n) = sprintf("<awk -F, 'NR == 1 || ($1 != \"minus\" && $3 == %d)' '%s'", n, table)
at(phase) = column("step") + (phase eq "plus" ? t1 : 0)
set key outside bottom center horizontal samplen 2 width 1
set bmargin 6
set tmargin 4
set multiplot layout 1,2
set title "Distance from the fixed point" offset 0, 0.7
set ylabel "residual, relative"
set logscale y
set format y "%g"
plot for [n = 1:depth] part(n) using (at(strcol("phase"))):"residual" \
    with linespoints pi 5 lw 2 pt symbol(n) ps 0.9 lc rgb color(n) title word(layers, n)
unset logscale y
set title "Spikes" offset 0, 0.7
unset format
set ylabel "spikes per neuron in a step"
set yrange [0:*]
plot for [n = 1:depth] part(n) using (at(strcol("phase"))):"spikes_per_neuron" \
    with linespoints pi 5 lw 2 pt symbol(n) ps 0.9 lc rgb color(n) title word(layers, n)
unset multiplot

# The potentials of the output and of chosen neurons for one image, through both phases.
reset
set datafile separator comma
table = dir."/traces.csv"
trace(n, k) = "<awk -F, -v n='".n."' -v k='".k."' 'NR == 1 || ($3 == n && $4 == k)' '".table."'"
chosen = system(sprintf("awk -F, 'NR > 1 && $1 == \"free\" && $2 == 1 && $3 < %d { print $3 \":\" $4 }' '%s'", depth, table))
outputs = int(system(sprintf("awk -F, '$1 == \"free\" && $2 == 1 && $3 == %d' '%s' | wc -l", depth, table)))
of_output(k) = (outputs == int(word(neurons, depth)) ? "class " : word(layers, depth)." ").k
part_of(text, i) = system(sprintf("echo %s | cut -d: -f%d", text, i))
named(text) = (int(part_of(text, 1)) > 0 ? word(layers, int(part_of(text, 1))) : "input")." ".part_of(text, 2)
eval picture("traces", 1000, 460, 12)
set border 3 lc rgb "#666666"
set tics nomirror
set grid ytics lt 1 lc rgb "#dddddd"
set xlabel "step"
set ylabel "potential"
set xrange [0 : t1 + t2]
set yrange [-0.03 : 1.03]
set arrow from t1, graph 0 to t1, graph 1 nohead dt 2 lc rgb "#666666"
set label "free" at t1 / 2.0, graph 1.04 center tc rgb "#666666"
set label "nudged" at t1 + t2 / 2.0, graph 1.04 center tc rgb "#666666"
set key outside right center samplen 2
set tmargin 3
of_outputs = "for [k = 0 : outputs - 1] trace(depth, k) using (at(strcol('phase'))):'potential' with linespoints pi 6 lw 2 ".\
    "pt symbol((k + k / 8) % 8 + 1) ps 0.8 lc rgb color(k % 8 + 1) title of_output(k)"
of_chosen = "for [i = 1 : words(chosen)] trace(part_of(word(chosen, i), 1), part_of(word(chosen, i), 2)) ".\
    "using (at(strcol('phase'))):'potential' with lines lw 1.5 dt 3 lc rgb '#666666' title named(word(chosen, i))"
eval "plot ".of_outputs.(words(chosen) > 0 ? ", ".of_chosen : "")

# Which classes are taken for which: squares as dark as their share of the class.
reset
set datafile separator comma
table = dir."/confusion.csv"
stats table using "class" nooutput
classes = int(STATS_max) + 1
array total[classes]
do for [c = 1 : classes] {
    total[c] = int(system(sprintf("awk -F, 'NR > 1 && $1 == %d { n += $3 } END { print n + 0 }' '%s'", c - 1, table)))
}
share(c, n) = total[int(c) + 1] > 0 ? 1.0 * n / total[int(c) + 1] : 0
eval picture("confusion", 640, 640, 12)
unset key
unset colorbox
set border lc rgb "#666666"
set tics scale 0
set xtics 1
set ytics 1
set xlabel "prediction"
set ylabel "class"
set title "Images by class and prediction"
set size square
set xrange [-0.5 : classes - 0.5]
set yrange [classes - 0.5 : -0.5]
set cbrange [0 : 1]
set palette defined (0 "#ffffff", 0.02 "#deebf7", 0.1 "#9ecae1", 1 "#0072b2")
plot table using "prediction":"class":(share(column("class"), column("images"))) with image, \
     table using "prediction":"class":(column("images") > 0 ? sprintf("%d", column("images")) : ""): \
         (share(column("class"), column("images")) > 0.5 ? 0xffffff : 0x000000) with labels tc rgb variable

# The spikes of one image, the layers from bottom to top. Of a large layer a sample of the neurons is drawn, spread
# evenly but in no rhythm with rows and columns; otherwise spikes would cover each other.
reset
set datafile separator comma
table = dir."/raster.csv"
digit = dir."/digit.csv"
stats digit using "label" nooutput
truth = int(STATS_max)
stats digit using "prediction" nooutput
found = int(STATS_max)
most = 64
count = 0
shown(neuron) = neuron * 0.6180339887 - floor(neuron * 0.6180339887) < 1.0 * most / count
eval picture("raster", 1000, 800, 12)
set multiplot
set border 3 lc rgb "#666666"
set tics nomirror out
unset key
set xrange [0.5 : t1 + 0.5]
set lmargin at screen 0.09
set rmargin at screen 0.84
set label 2 sprintf("Spikes of one image while the network settles: class %d, read as %d", truth, found) \
    at screen 0.09, screen 0.93 font "Sans,13"
do for [n = 1:depth] {
    bottom = 0.08 + 0.78 * (n - 1) / depth
    count = int(word(neurons, n))
    few = count <= 20
    set bmargin at screen bottom
    set tmargin at screen bottom + 0.78 / depth - 0.025
    set yrange [-0.5 - 0.02 * count : count - 0.5 + 0.02 * count]
    if (few) { set ytics 1 } else { set ytics 0, count / 2, count }
    set label 3 (few ? "output neuron" : "neuron") at screen 0.02, graph 0.5 rotate by 90 center
    set format x (n == 1 ? "%g" : "")
    if (n == 1) { set xlabel "step of the free phase" } else { unset xlabel }
    set label 1 word(layers, n)."\n".count." neurons".(count > most ? "\n1 in ".(count / most)." shown" : "") \
        at graph 1.02, graph 0.6 tc rgb color(n)
    plot table using (column("population") == n && shown(column("neuron")) ? column("step") : NaN):"neuron" \
        with points pt (few ? 5 : 7) ps (few ? 0.8 : 0.4) lc rgb color(n)
    unset label 2
}
unset label 1
unset label 3
unset border
unset tics
unset xlabel
unset colorbox
set palette gray negative
set lmargin at screen 0.85
set rmargin at screen 0.97
set bmargin at screen 0.84
set tmargin at screen 0.99
set xrange [-0.5:27.5]
set yrange [27.5:-0.5]
plot digit using "column":"row":"pixel" with image
unset multiplot
