"""What all compiled kernels share: their elementary functions, and how they are kept."""

import os
import subprocess
import sys
from pathlib import Path

import numpy as np
from hypothesis import given
from hypothesis import strategies as st

import robocell
from robocell.compiler import kernel
from robocell.motion.kernels.elementary import arctan2, cube_root, inverse_root, nearly_one, sincos, unit_angle


@kernel
def _elementary(x: float, y: float) -> tuple[float, float, float, float]:
    s, c = sincos(x)
    return s, c, arctan2(y, x), cube_root(abs(x))


@kernel
def _rooted(x: float, y: float) -> tuple[float, float, float]:
    scale = inverse_root(x * x + y * y)
    return scale, unit_angle(y * scale, x * scale), nearly_one(x)


@given(st.floats(-1e5, 1e5))
def test_sine_and_cosine_are_good_to_the_last_place(x: float) -> None:
    s, c, _, _ = _elementary(x, 0.0)
    assert abs(s - np.sin(x)) < 4e-16
    assert abs(c - np.cos(x)) < 4e-16


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_the_arc_tangent_is_good_to_the_last_place_in_every_quadrant(y: float, x: float) -> None:
    _, _, angle, _ = _elementary(x, y)
    expected = np.arctan2(y, x)
    apart = abs(angle - expected)
    assert min(apart, 2 * np.pi - apart) <= 1e-15 * max(1.0, abs(expected)) or np.hypot(x, y) < 1e-290


@given(st.floats(-1e6, 1e6), st.floats(-1e6, 1e6))
def test_a_vector_brought_to_unit_length_has_the_angle_of_the_arc_tangent(y: float, x: float) -> None:
    scale, angle, _ = _rooted(x, y)
    if np.hypot(x, y) < 1e-140:  # its square may be no normal number
        return
    assert abs(scale * np.sqrt(x * x + y * y) - 1.0) < 1e-15
    apart = abs(angle - np.arctan2(y, x))
    assert min(apart, 2 * np.pi - apart) < 1e-15


def test_the_inverse_root_of_nothing_is_no_infinity_so_that_nothing_times_it_is_nothing() -> None:
    scale, angle, _ = _rooted(0.0, 0.0)
    assert np.isfinite(scale)
    assert angle == 0.0


@given(st.floats(-1e-6, 1e-6))
def test_a_length_that_is_off_by_rounding_is_set_right(off: float) -> None:
    assert abs(_rooted(1.0 + off, 0.0)[2] * np.sqrt(1.0 + off) - 1.0) < max(off * off, 4e-16)


@given(st.floats(1e-12, 1e12))
def test_the_cube_root_is_good_to_the_last_places(x: float) -> None:
    _, _, _, root = _elementary(x, 0.0)
    assert abs(root / np.cbrt(x) - 1.0) < 1e-14


def test_the_first_process_says_that_it_compiles_and_the_second_finds_the_result(tmp_path: Path) -> None:
    code = "import robocell; robocell.load_arm('universal-robots/ur5e').fk([0] * 6)"
    environment = {name: value for name, value in os.environ.items() if not name.startswith("NUMBA")}
    environment |= {"XDG_CACHE_HOME": str(tmp_path), "PYTHONPATH": str(Path(robocell.__file__).parents[1])}
    said = [
        subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True).stderr
        for _ in range(2)
    ]
    assert said == ["compiling kernels (first run only) ...\n", ""]


LIBRARY = """
from robocell.compiler import inlined, kernel, widest


@inlined
def one(x):
    return x + 1.0


@kernel
def double(x):
    return 2.0 * one(x)


@kernel
def both(x):
    widest()
    return double(x) + one(x)
"""


def test_a_kernel_found_on_disk_becomes_part_of_one_that_is_not(tmp_path: Path) -> None:
    (tmp_path / "library.py").write_text(LIBRARY)
    environment = {**os.environ, "NUMBA_CACHE_DIR": str(tmp_path)}
    environment["PYTHONPATH"] = os.pathsep.join([str(tmp_path), str(Path(robocell.__file__).parents[1])])
    for call, expected in (("double(3.0)", "8.0"), ("double(3.0), library.both(3.0)", "8.0 12.0")):
        code = f"import library; print(library.{call})"
        run = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
        assert run.stdout.strip() == expected


def test_declaring_kernels_and_refusing_a_broken_file_loads_no_compiler(tmp_path: Path) -> None:
    broken = tmp_path / "cell.yaml"
    broken.write_text(
        (Path(__file__).parents[2] / "cells" / "cap-sorting.yaml").read_text().replace("to: good}", "to: god}")
    )
    code = (
        "import sys, robocell.motion\n"
        "from robocell.config.prepare import prepare\n"
        "from robocell.errors import ConfigError\n"
        "try: prepare(sys.argv[1])\n"
        "except ConfigError: print('numba' in sys.modules)\n"
    )
    environment = {**os.environ, "PYTHONPATH": str(Path(robocell.__file__).parents[1])}
    command = [sys.executable, "-c", code, str(broken)]
    run = subprocess.run(command, env=environment, capture_output=True, text=True, check=True)
    assert run.stdout == "False\n"
