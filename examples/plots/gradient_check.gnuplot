# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
#
# gnuplot -c examples/plots/gradient_check.gnuplot DIR [FORMAT]
# draws DIR/gradient_check.png and DIR/gdu_curves.png (or .pdf, .svg) from the tables that `gradient_check --out DIR` wrote.

dir = ARGC > 0 ? ARG1 : "."
format = ARGC > 1 ? ARG2 : "png"
load system("dirname '".ARG0."'")."/style.gnuplot"
set datafile separator comma
layers = "conv1 conv2 dense1 dense2"
layer(name) = name eq "conv1" ? 1 : name eq "conv2" ? 2 : name eq "dense1" ? 3 : 4

# Cosine of EP's gradient with the true one: the usual phases, and long sweeps with weak nudging.
eval picture("gradient_check", 1100, 420, 12)
table = dir."/gradient_check.csv"
set multiplot layout 1,2
set yrange [-0.25:1.05]
set xrange [0.4:4.6]
set xtics ("conv1" 1, "conv2" 2, "dense1" 3, "dense2" 4) nomirror
set grid ytics lc rgb "#dddddd"
set style fill solid noborder
set boxwidth 0.18
set xzeroaxis lt -1
set ylabel "cosine with the true gradient"
set key outside bottom center horizontal maxcols 2 samplen 2
combinations = "analog,average analog,max sigma-delta,average sigma-delta,max"
# Light without spikes, full with them; a colour for each pool.
shade(k) = word("#9ccbe4 #f6d899 #0072b2 #e69f00", k)
neurons(k) = k <= 2 ? "analog" : "sigma-delta"
pool(k) = k % 2 == 1 ? "average" : "max"
is(k, beta, t1, t2) = strcol(1) eq neurons(k) && strcol(2) eq pool(k) && $4 == beta && $5 == t1 && $6 == t2
do for [panel = 1:2] {
    beta = panel == 1 ? 0.5 : 0.1
    t1 = panel == 1 ? 50 : 80
    t2 = panel == 1 ? 20 : 60
    set title panel == 1 ? "synchronous, beta 0.5, T1 50, T2 20" : "sequential, beta 0.1, T1 80, T2 60"
    plot for [k = 1:4] table skip 1 using (layer(strcol(3)) + 0.2 * (k - 2.5)):(is(k, beta, t1, t2) ? $7 : NaN) \
        with boxes lc rgb shade(k) title neurons(k).", ".pool(k)
}
unset multiplot

# Single weights, EP as lines, BPTT as points. Analog: EP's update in every nudged step and BPTT's gradient
# backwards in time. Sigma-delta: their sums up to that step, for the single updates of spikes are noise.
eval picture("gdu_curves", 1300, 1190, 10)
table = dir."/gdu_curves.csv"
set multiplot layout 4,4 margins 0.065, 0.99, 0.045, 0.92 spacing 0.065, 0.055
set autoscale
set xrange [1:30]
set xtics auto
set format y "%.1e"
unset ylabel
unset key
row_neurons(r) = r <= 2 ? "analog" : "sigma-delta"
row_pool(r) = r % 2 == 0 ? "max" : "average"
of(r, l, value) = strcol(1) eq row_neurons(r) && strcol(2) eq row_pool(r) && strcol(3) eq word(layers, l) ? value : NaN
# One legend for all: a colour for each of three weights.
do for [k = 1:3] {
    set arrow k from screen 0.28 + 0.15 * k, screen 0.99 to screen 0.30 + 0.15 * k, screen 0.99 nohead lw 2 lc rgb color(k)
    set label k "weight ".k at screen 0.305 + 0.15 * k, screen 0.982 font ",12"
}
set label 4 "EP" at screen 0.37, screen 0.99 font ",12"
set label 5 "BPTT" at screen 0.37, screen 0.972 font ",12"
do for [k = 1:3] { set label 5 + k "" at screen 0.29 + 0.15 * k, screen 0.97 point pt 6 ps 1 lc rgb color(k) }
do for [r = 1:4] {
    do for [l = 1:4] {
        set title word(layers, l).", ".row_neurons(r).", ".row_pool(r).(r > 2 ? ", sums" : "") font ",10"
        if (r == 4) { set xlabel "nudged step" offset 0, 0.5 }
        if (r <= 2) {
            plot for [k = 1:3] table skip 1 using 4:(of(r, l, column(7 + 2 * k))) with lines lw 2 lc rgb color(k), \
                 for [k = 1:3] table skip 1 using 4:(of(r, l, column(8 + 2 * k))) with points pt 6 ps 0.7 lc rgb color(k)
        } else {
            plot for [k = 1:3] table skip 1 using 4:(of(r, l, column(7 + 2 * k))) smooth cumulative with lines lw 2 lc rgb color(k), \
                 for [k = 1:3] table skip 1 using 4:(of(r, l, column(8 + 2 * k))) smooth cumulative with points pt 6 ps 0.7 lc rgb color(k)
        }
        unset label
        unset arrow
    }
}
unset multiplot
