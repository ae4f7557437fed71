# SPDX-FileCopyrightText: 2026 the epspike authors
# SPDX-License-Identifier: BSD-3-Clause
"""python_test.py MODULES MNIST EMBED SAMPLE MODEL: what examples/python makes of a network, against NumPy and programs of C++.

MODULES is the folder of my_network and other_network, MNIST and EMBED are the programs, SAMPLE a folder of digits, MODEL a
trained network."""
import copy
import gzip
import importlib.util
import json
import os
import pathlib
import re
import signal
import subprocess
import sys
import tempfile
import threading
import time
import unittest

import numpy as np

MODULES, MNIST, EMBED, SAMPLE, MODEL = (str(pathlib.Path(a).resolve()) for a in sys.argv[1:6])
sys.path.insert(0, MODULES)
import my_network
import other_network


def read_idx(file):
    """The numbers of file, or of file.gz."""
    with gzip.open(file + ".gz") if os.path.exists(file + ".gz") else open(file, "rb") as f:
        data = np.frombuffer(f.read(), np.uint8)
    rank = data[3]
    return data[4 + 4 * rank:].reshape(data[4:4 + 4 * rank].view(">u4"))


def read_safetensors(file):
    data = pathlib.Path(file).read_bytes()
    length = int.from_bytes(data[:8], "little")
    header = json.loads(data[8:8 + length])
    header.pop("__metadata__", None)
    return {
        name: np.frombuffer(data[8 + length:][slice(*e["data_offsets"])], "<f4").reshape(e["shape"])
        for name, e in header.items()
    }


def digits(part):
    images = read_idx(f"{SAMPLE}/{part}-images-idx3-ubyte")
    return images[:, None], read_idx(f"{SAMPLE}/{part}-labels-idx1-ubyte")


def bars(count, seed):
    """Class c is a bright bar at rows 2c + 4 and 2c + 5, in noise."""
    random = np.random.default_rng(seed)
    labels = random.integers(0, 10, count)
    images = random.integers(0, 60, (count, 1, 28, 28))
    for image, label in zip(images, labels):
        image[0, 2 * label + 4:2 * label + 6] += 180
    return images.astype(np.uint8), labels


def floats(images):
    return images.astype(np.float32) / 255


SHORT = dict(epochs=1, batch_size=20,
             free_phase=my_network.TrainingSettings().free_phase.replace(steps=6),
             nudged_phase=my_network.TrainingSettings().nudged_phase.replace(steps=4, average_last=3))
TRAIN = digits("train")
TEST = digits("t10k")


class Training(unittest.TestCase):
    def test_it_learns_a_small_set(self):
        net = my_network.Network(seed=1)
        seen = []
        epochs = net.train(*bars(200, 1), epochs=3, batch_size=10, learning_rate=2e-3, on_epoch=seen.append)
        self.assertEqual(epochs, seen)
        self.assertEqual([e["epoch"] for e in epochs], [0, 1, 2])
        self.assertLess(epochs[2]["mean_cost"], epochs[0]["mean_cost"])
        images, labels = bars(200, 2)
        error = net.error_rate(images, labels)
        self.assertLess(error, 0.05)
        self.assertEqual(error, np.mean(net.predict(floats(images)) != labels))

    def test_it_gives_the_bits_of_the_program_mnist(self):
        images, labels = TRAIN
        net = my_network.Network(seed=3)
        net.train(images[:100], labels[:100], seed=3, epochs=2, batch_size=20, average_epochs=1,
                  augment=my_network.Augment(max_shift=1), learning_rate=1e-3)
        with tempfile.TemporaryDirectory() as folder:
            file = f"{folder}/c++.safetensors"
            subprocess.run([MNIST, "--data", SAMPLE, "--train", "100", "--test", "40", "--seed", "3", "--epochs", "2",
                            "--batch", "20", "--weight-average", "1", "--shift", "1", "--learning-rate", "1e-3",
                            "--save", file], check=True, stdout=subprocess.DEVNULL)
            theirs = read_safetensors(file)
            for name, ours in net.parameters().items():
                np.testing.assert_array_equal(ours, theirs[name], name)
            other = my_network.Network(seed=4)
            other.load(file)
            for name, values in other.parameters().items():
                np.testing.assert_array_equal(values, theirs[name], name)

            # The other way: what Python saves, the program reads.
            net.save(pathlib.Path(folder, "python.safetensors"))
            said = subprocess.run([EMBED, f"{folder}/python.safetensors", f"{SAMPLE}/t10k-images-idx3-ubyte.gz"],
                                  check=True, stdout=subprocess.PIPE, text=True).stdout
            self.assertEqual(said.splitlines()[0], "".join(map(str, net.predict(floats(TEST[0])))))
            saved = read_safetensors(f"{folder}/python.safetensors")
            self.assertEqual(list(saved), list(net.parameters()))
            for name, values in net.parameters().items():
                np.testing.assert_array_equal(saved[name], values, name)

    def test_the_loop_written_out_is_the_training(self):
        images, labels = bars(40, 3)
        settings = my_network.TrainingSettings(**SHORT)
        trained = my_network.Network(seed=5)
        trained.train(images, labels, settings, learning_rate=my_network.RateSchedule(rate=1e-3, decay="constant"),
                      batch_size=40)
        looped = my_network.Network(seed=5)
        adam = my_network.Adam(learning_rate=1e-3, layer_rates=looped.rates_by_fan_in())
        x, y = floats(images), np.eye(10)[labels]
        free = looped.relax(x, settings.free_phase)
        plus = looped.relax(x, settings.nudged_phase, beta=1.0, target=y, start=free)
        minus = looped.relax(x, settings.nudged_phase, beta=-1.0, target=y, start=free)
        gradient = looped.ep_gradient(plus, minus)
        before = looped.parameters()
        looped.ep_update(plus, minus, adam)
        self.assertEqual(adam.step, 1)
        self.assertEqual(plus.beta, 1.0)
        rates = dict(zip(("conv1", "conv2", "dense1", "dense2"), looped.rates_by_fan_in()))
        for name, values in looped.parameters().items():
            # Adam's first step is its rate along the sign. The order of samples, so that of sums, is another.
            self.assertEqual(gradient[name].shape, values.shape)
            large = np.abs(gradient[name]) > 1e-5
            rate = 1e-3 * rates[name.split(".")[0]]
            np.testing.assert_allclose((before[name] - values)[large], rate * np.sign(gradient[name])[large], rtol=1e-2)
            np.testing.assert_allclose(trained.parameters()[name][large], values[large], atol=1e-2 * rate)

    def test_an_interrupted_training_goes_on_to_the_same_bits(self):
        images, labels = bars(200, 4)
        whole = my_network.Network(seed=6)
        whole.train(images, labels, **{**SHORT, "epochs": 2})

        net = my_network.Network(seed=6)
        adam, progress = my_network.Adam(), my_network.NetworkProgress()

        def press_ctrl_c(batch):
            if batch["batch"] == 2:
                signal.raise_signal(signal.SIGINT)

        with self.assertRaises(KeyboardInterrupt):
            net.train(images, labels, optimizer=adam, progress=progress, on_batch=press_ctrl_c, **{**SHORT, "epochs": 2})
        self.assertEqual((progress.epoch, progress.batch), (0, 3))
        with tempfile.TemporaryDirectory() as folder:
            file = f"{folder}/checkpoint.safetensors"
            net.save_checkpoint(file, adam, progress)
            other, adam, progress = my_network.Network(), my_network.Adam(), my_network.NetworkProgress()
            other.load_checkpoint(file, adam, progress)
        self.assertEqual((progress.epoch, progress.batch, adam.step), (0, 3, 3))
        epochs = other.train(images, labels, optimizer=adam, progress=progress, on_epoch=lambda e: "stop",
                             **{**SHORT, "epochs": 2})
        self.assertEqual(len(epochs), 1)
        other.train(images, labels, optimizer=adam, progress=progress, **{**SHORT, "epochs": 2})
        for name, values in other.parameters().items():
            np.testing.assert_array_equal(values, whole.parameters()[name], name)

    def test_ctrl_c_ends_a_training_between_two_batches_of_which_nobody_is_told(self):
        net = my_network.Network()
        threading.Timer(0.3, signal.raise_signal, [signal.SIGINT]).start()
        begin = time.monotonic()
        with self.assertRaises(KeyboardInterrupt):
            net.train(*TRAIN, epochs=1000, batch_size=20)
        self.assertLess(time.monotonic() - begin, 60)

    def test_what_a_callback_raises_ends_the_training(self):
        def fail(epoch):
            raise ZeroDivisionError("of the callback")

        with self.assertRaisesRegex(ZeroDivisionError, "of the callback"):
            my_network.Network().train(*bars(20, 5), on_epoch=fail, **SHORT)
        with self.assertRaisesRegex(TypeError, 'on_batch: expected it to return None or "stop", found True'):
            my_network.Network().train(*bars(20, 5), on_batch=lambda e: True, **SHORT)

    def test_warnings_of_a_training_are_warnings_of_python(self):
        net = my_network.Network()
        net.assign({"conv1.weight": np.zeros((32, 1, 5, 5)), "conv1.bias": np.full(32, -1.0)})
        with self.assertWarnsRegex(UserWarning, "32 of 32 channels of population 1 .* are idle"):
            net.train(*bars(200, 5), **{**SHORT, "batch_size": 200})


class Threads(unittest.TestCase):
    def test_others_run_while_the_network_computes(self):
        net = my_network.Network(threads=1)
        stamps, end = [], threading.Event()

        def tick():
            while not end.wait(0.002):
                stamps.append(time.monotonic())

        thread = threading.Thread(target=tick)
        thread.start()
        x = floats(TRAIN[0])
        begin = time.monotonic()
        net.relax(x, my_network.Relaxation(steps=20))
        done = time.monotonic()
        end.set()
        thread.join()
        self.assertGreater(sum(begin < t < done for t in stamps), 2)

    def test_no_thread_reads_what_another_changes(self):
        net = my_network.Network()
        x = floats(bars(2, 6)[0])
        raised = []

        def of_another_thread():
            try:
                net.predict(x)
            except RuntimeError as error:
                raised.append(str(error))

        def look(batch):
            net.predict(x)
            with self.assertRaisesRegex(RuntimeError, "assign: .* found one that is in use"):
                net.assign({})
            thread = threading.Thread(target=of_another_thread)
            thread.start()
            thread.join()
            return "stop"

        net.train(*bars(40, 5), on_batch=look, **SHORT)
        self.assertEqual(len(raised), 1)
        self.assertRegex(raised[0], "predict: .* found one that is being changed")
        of_another_thread()
        self.assertEqual(len(raised), 1)

    def test_a_forked_process_computes_the_same(self):
        net = my_network.Network(threads=2)
        x = floats(TEST[0][:20])
        expected = net.predict(x)
        child = os.fork()
        if child == 0:
            os._exit(0 if np.array_equal(net.predict(x), expected) else 1)
        self.assertEqual(os.waitpid(child, 0)[1], 0)


class States(unittest.TestCase):
    def test_the_trained_network_knows_the_digits(self):
        net = my_network.Network()
        net.load(MODEL)
        images, labels = TEST
        self.assertLessEqual(net.error_rate(images, labels), 0.01)
        state = net.relax(floats(images[:30]))
        self.assertEqual(net.output(state).shape, (30, 10))
        np.testing.assert_array_equal(net.output(state).argmax(1), net.predict(floats(images[:30])))
        np.testing.assert_array_equal(net.output(state), state.potentials(4)[:, :, 0, 0])
        self.assertLess(net.cost(state, np.eye(10)[labels[:30]]), net.cost(state, np.eye(10)[(labels[:30] + 1) % 10]))

    def test_every_population_has_potentials_averages_and_spikes(self):
        net = my_network.Network(seed=1)
        x = floats(TEST[0][:3])
        phase = my_network.Relaxation(steps=8, average_last=8, step_size=0.5)
        sums = [0] * 5
        for steps in range(1, 9):
            state = net.relax(x, phase.replace(steps=steps, average_last=min(steps, 8)))
            for n in range(1, 5):
                sums[n] += state.potentials(n).astype(np.float64)
        self.assertEqual((state.batch, state.steps, state.beta), (3, 8, 0.0))
        np.testing.assert_array_equal(state.potentials(0), x)
        raster = net.spike_raster(x, phase)
        for n, shape in enumerate(net.populations):
            self.assertEqual(state.potentials(n).shape, (3, *shape))
            self.assertEqual(state.potentials(n).dtype, np.float32)
            if n > 0:
                np.testing.assert_allclose(state.time_average(n), sums[n] / 8, atol=1e-6)
            of_samples = np.bincount(raster["sample"][raster["population"] == n], minlength=3)
            np.testing.assert_array_equal(of_samples, state.spikes(n))
            self.assertAlmostEqual(state.firing_rate(n), of_samples.sum() / (3 * 8 * np.prod(shape)))
        self.assertTrue(len(raster) > 0 and raster["step"].min() >= 1 and raster["step"].max() <= 8)

    def test_phases_go_on_from_a_state_and_leave_it_as_it_was(self):
        net = my_network.Network(seed=1)
        x = floats(TEST[0][:3])
        start = net.relax(x, my_network.Relaxation(steps=5, coder_decay=0.5))
        before = start.potentials(3)
        on = net.relax(x, my_network.Relaxation(steps=3, coder_decay=my_network.Schedule(0.5)), start=start)
        np.testing.assert_array_equal(start.potentials(3), before)
        whole = net.relax(x, my_network.Relaxation(steps=8, coder_decay=0.5))
        for n in range(5):
            np.testing.assert_array_equal(on.potentials(n), whole.potentials(n))

    def test_any_order_and_size_of_floats_is_the_same_array(self):
        net = my_network.Network(seed=1)
        x = floats(TEST[0][:4])
        expected = net.relax(x).potentials(4)
        wide = np.zeros((4, 1, 28, 56), np.float32)
        wide[..., ::2] = x
        for same in (x.astype(np.float64), np.asfortranarray(x), wide[..., ::2], x[::-1][::-1], x.astype(">f4")):
            np.testing.assert_array_equal(net.relax(same).potentials(4), expected)
        net.relax(x.astype(np.float16))


class Parameters(unittest.TestCase):
    def test_arrays_are_copies_and_assigning_is_all_or_nothing(self):
        net = my_network.Network(seed=1)
        before = net.parameters()
        self.assertEqual(list(before), ["conv1.weight", "conv1.bias", "conv2.weight", "conv2.bias", "dense1.weight",
                                        "dense1.bias", "dense2.weight", "dense2.bias"])
        self.assertEqual(before["conv2.weight"].shape, (64, 32, 5, 5))
        net.parameters()["conv1.bias"][:] = 7
        np.testing.assert_array_equal(net.parameters()["conv1.bias"], before["conv1.bias"])
        for wrong, message in (
            ({"conv1.bias": np.zeros(32), "conv3.bias": np.zeros(32)}, "found 'conv3.bias'"),
            ({"conv1.bias": np.zeros(32), "conv2.bias": np.zeros(63)}, r"conv2.bias: expected shape \[64\], found \[63\]"),
            ({"conv1.bias": np.zeros(32), "conv2.bias": np.full(64, np.nan)}, "conv2.bias"),
        ):
            with self.assertRaisesRegex(my_network.Error, message):
                net.assign(wrong)
            np.testing.assert_array_equal(net.parameters()["conv1.bias"], before["conv1.bias"])
        with self.assertRaisesRegex(TypeError, "conv1.bias: expected floating-point numbers, found int64"):
            net.assign({"conv1.bias": np.zeros(32, int)})
        net.assign({"conv1.bias": np.arange(32.0)})
        np.testing.assert_array_equal(net.parameters()["conv1.bias"], np.arange(32))
        np.testing.assert_array_equal(net.parameters()["conv1.weight"], before["conv1.weight"])

    def test_a_copy_is_another_network_and_a_seed_makes_it(self):
        net = my_network.Network(seed=1)
        other = copy.deepcopy(net)
        other.assign({"conv1.bias": np.zeros(32)})
        self.assertTrue(np.any(net.parameters()["conv1.bias"] != 0))
        np.testing.assert_array_equal(my_network.Network(1).parameters()["conv1.bias"], net.parameters()["conv1.bias"])
        self.assertTrue(np.any(my_network.Network(2).parameters()["conv1.bias"] != net.parameters()["conv1.bias"]))


class Homeostasis(unittest.TestCase):
    def test_it_raises_the_bias_of_idle_units(self):
        images, labels = bars(40, 1)

        def silenced_biases(homeostasis):
            net = my_network.Network(seed=1)
            net.assign({"conv2.bias": np.where(np.arange(64) < 8, -1, net.parameters()["conv2.bias"]).astype(np.float32)})
            net.train(images, labels, epochs=1, batch_size=10, homeostasis=homeostasis)
            return net.parameters()["conv2.bias"][:8]

        np.testing.assert_array_equal(silenced_biases(0), -1)
        self.assertTrue(np.all(silenced_biases(my_network.Homeostasis(target=0.02, strength=0.5)) > -1))
        self.assertEqual(my_network.TrainingSettings(homeostasis=0.25).homeostasis.target, 0.25)


class Messages(unittest.TestCase):
    def test_what_is_refused_says_expected_and_found(self):
        net = my_network.Network()
        x = floats(TEST[0][:2])
        nan = x.copy()
        nan[1, 0, 3, 3] = np.nan
        images, labels = bars(4, 1)
        Error = my_network.Error
        for kind, message, call in (
            (TypeError, "relax: input: expected floating-point numbers, found uint8; .*/ 255", lambda: net.relax(TEST[0][:2])),
            (TypeError, "predict: input: expected a NumPy array, found list", lambda: net.predict(x.tolist())),
            (Error, r"input: expected shape \[batch, 1, 28, 28\], found \[2, 28, 28\]; x\[:, None\]", lambda: net.relax(x[:, 0])),
            (Error, r"input: expected shape \[batch, 1, 28, 28\], found \[2, 1, 28, 27\]", lambda: net.relax(x[..., 1:])),
            (Error, "input: expected finite numbers, found nan at index 87 of sample 1", lambda: net.relax(nan)),
            (Error, "input: expected a batch of at least one sample, found 0", lambda: net.relax(x[:0])),
            (Error, r"relax: target: expected shape \[2, 10\], found \[2, 9\]", lambda: net.relax(x, beta=1, target=np.ones((2, 9)))),
            (Error, "relax: expected a target .* found None", lambda: net.relax(x, beta=1)),
            (Error, "Relaxation.steps: expected at least 1, found 0", lambda: net.relax(x, my_network.Relaxation(steps=0))),
            (Error, "Relaxation.order: expected one of 'synchronous', 'sequential', found 'up'", lambda: my_network.Relaxation(order="up")),
            (TypeError, "Relaxation.steps: expected a whole number, found 3.5", lambda: my_network.Relaxation(steps=3.5)),
            (TypeError, "Relaxation: expected one of steps, .* found step", lambda: my_network.Relaxation(step=3)),
            (AttributeError, "step", lambda: setattr(my_network.Relaxation(), "step", 3)),
            (TypeError, "TrainingSettings: expected one of epochs, .* found epoch", lambda: net.train(images, labels, epoch=3)),
            (Error, "TrainingSettings.epochs: expected at least 1, found 0", lambda: net.train(images, labels, epochs=0)),
            (TypeError, "TrainingSettings.homeostasis: expected a number or a Homeostasis, found 'on'",
             lambda: net.train(images, labels, homeostasis="on")),
            (Error, "TrainingSettings.homeostasis.target: expected 0 or more, below 1", lambda: net.train(images, labels, homeostasis=1)),
            (TypeError, "train: images: expected uint8 pixels .* found float32", lambda: net.train(x, labels[:2])),
            (Error, r"train: labels: expected shape \[4\], found \[3\]", lambda: net.train(images, labels[:3])),
            (TypeError, "train: labels: expected whole numbers, found float64", lambda: net.train(images, labels.astype(float))),
            (Error, "train: labels: expected whole numbers from 0 to 9, found -1 at index 0", lambda: net.train(images, labels * 0 - 1)),
            (Error, "train: expected optimizer and progress", lambda: net.train(images, labels, optimizer=my_network.Adam())),
            (TypeError, "Network: seed: expected a whole number from 0", lambda: my_network.Network(seed=-1)),
            (IndexError, "potentials: expected a population from 0 to 4, found 5", lambda: net.relax(x).potentials(5)),
            (Error, "nowhere.safetensors: .* found nothing", lambda: net.load("nowhere.safetensors")),
            (Error, "Adam.beta1", lambda: my_network.Adam(beta1=2.0)),
        ):
            with self.subTest(message), self.assertRaisesRegex(kind, message):
                call()
        self.assertTrue(issubclass(Error, ValueError))
        self.assertIn("steps=50", repr(my_network.Relaxation()))


class OtherNetworks(unittest.TestCase):
    def test_any_network_can_be_bound_and_two_modules_live_side_by_side(self):
        net = other_network.Network(seed=1)
        self.assertIn("analog", net.architecture)
        self.assertEqual(net.classes, 3)
        random = np.random.default_rng(1)
        labels = random.integers(0, 3, 60)
        images = random.integers(0, 50, (60, 2, 6, 6))
        for image, label in zip(images, labels):
            image[:, 2 * label:2 * label + 2] += 200
        images = images.astype(np.uint8)
        epochs = net.train(images, labels, epochs=20, batch_size=10, learning_rate=2e-3)
        self.assertEqual(net.error_rate(images, labels), 0)
        self.assertEqual(len(epochs), 20)
        state = net.relax(images / 255)
        self.assertEqual(state.potentials(1).dtype, np.float64)
        self.assertEqual(len(net.spike_raster(images / 255)), 0)
        np.testing.assert_allclose(net.output(state).sum(1), 1, atol=1e-6)
        self.assertIn("skip1.weight", net.parameters())
        self.assertIn("readout.weight", net.parameters())


class Page(unittest.TestCase):
    """docs/python.md"""

    def test_its_programs_run(self):
        page = (pathlib.Path(__file__).parents[2] / "docs" / "python.md").read_text()
        files = dict(re.findall(r"<!-- save as (\S+) -->\n```python\n(.*?)```", page, re.S))
        blocks = re.findall(r"```python\n(.*?)```", page, re.S)
        self.assertEqual(list(files), ["digits.py", "weights.py", "torch_and_back.py"])
        loop, = (block for block in blocks if block not in files.values())
        files["digits.py"] += loop
        with tempfile.TemporaryDirectory() as folder:
            for name, text in files.items():
                pathlib.Path(folder, name).write_text(text)

            def said(program, *arguments):
                return subprocess.run([sys.executable, "-B", program, *arguments], cwd=folder, text=True, check=True,
                                      env={**os.environ, "PYTHONPATH": MODULES}, stdout=subprocess.PIPE).stdout

            text = said("digits.py", SAMPLE)
            self.assertRegex(text, r"epoch 4: cost 0\.0\d+, test error 1?\d\.\d %\n")
            self.assertRegex(text, r"population 4, \(10, 1, 1\): mean potential 0\.")
            # What the page writes, the library reads.
            weights = {}
            exec(files["weights.py"], weights)
            file = f"{folder}/digits.safetensors"
            arrays = weights["read"](file)
            weights["write"](file, {f"theirs.{name}": 2 * array for name, array in arrays.items()})
            net = my_network.Network()
            net.import_weights(file, {name: f"theirs.{name}" for name in arrays})
            for name, values in net.parameters().items():
                np.testing.assert_array_equal(values, 2 * arrays[name], name)
            if importlib.util.find_spec("torch") is None:
                print("no PyTorch: torch_and_back.py of the page is not run", file=sys.stderr)
            else:
                self.assertEqual(said("torch_and_back.py"), "halved: True\n")


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1] + sys.argv[6:], verbosity=2)
