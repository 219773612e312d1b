"""Writes tiny wheels with the names and layout of the real ones, and the pins that fit them.

usage: fake_wheels.py WHEELS PINS
"""

import hashlib
import os
import sys
import zipfile
from pathlib import Path

MACHINE = os.uname().machine
MAC = sys.platform == "darwin"
TAG = f"macosx_11_0_{MACHINE}" if MAC else f"manylinux_2_28_{MACHINE}"
SUFFIX = "dylib" if MAC else "so"

TORCH = [f"libc10.{SUFFIX}", f"libtorch.{SUFFIX}", f"libtorch_cpu.{SUFFIX}", f"libtorch_python.{SUFFIX}"]
TORCH_CUDA = ["libtorch_cuda.so", "libc10_cuda.so", "libtorch_nvshmem.so", "libtorch_cuda_linalg.so"]

WHEELS = [
    ("cpu", "torch", "2.11.0", ["torch/include/a.h", "torch/share/b"] + [f"torch/lib/{n}" for n in TORCH + TORCH_CUDA]),
    ("cpu", "nvidia-cuda-runtime", "13.0.96", ["nvidia/cu13/lib/libcudart.so.13", "nvidia/cu13/include/c.h"]),
    ("cpu", "nvidia-cuda-cupti", "13.0.85", ["nvidia/cu13/lib/libcupti.so.13"]),
    ("cpu", "mujoco", "3.17.0", ["mujoco/libmujoco.3.17.0.dylib" if MAC else "mujoco/libmujoco.so.3.17.0"]),
    ("cuda", "nvidia-cublas", "13.1.0.3", ["nvidia/cu13/lib/libcublas.so.13", "nvidia/cu13/lib/libcublas.a"]),
    ("cuda", "nvidia-cudnn-cu13", "9.19.0.56", ["nvidia/cudnn/lib/libcudnn.so.9"]),
]


def main(folder, pins):
    rows = []
    for part, package, version, files in WHEELS:
        stem = f"{package.replace('-', '_')}-{version}"
        wheel = folder / f"{stem}-py3-none-{TAG}.whl"
        with zipfile.ZipFile(str(wheel), "w") as archive:
            for name in files:
                archive.writestr(name, f"{name} of {package}\n")
            about = f"{stem}.dist-info"
            archive.writestr(f"{about}/METADATA", f"Metadata-Version: 2.1\nName: {package}\nVersion: {version}\n")
            archive.writestr(f"{about}/WHEEL", f"Wheel-Version: 1.0\nRoot-Is-Purelib: false\nTag: py3-none-{TAG}\n")
            archive.writestr(f"{about}/RECORD", "")
        system = f"{'macos' if MAC else sys.platform}-{MACHINE}"
        rows.append(f"{system} {part} {package}=={version} {hashlib.sha256(wheel.read_bytes()).hexdigest()}\n")
    pins.write_text("".join(rows))


main(Path(sys.argv[1]), Path(sys.argv[2]))
