"""Puts libtorch and MuJoCo into the cache and links `.deps` to them; `scripts/setup` calls it."""

import fcntl
import os
import signal
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
PINS = Path(__file__).resolve().with_name("engines.txt")

GLIBC_TAGS = ["2_28", "2_27", "2_25", "2_18", "2_17", "2_12", "2_5", "2014", "2010", "1"]

# Left out of the libraries that everything links: torch-sys links libtorch_cuda.so as soon as it lies beside libtorch.
CUDA_LIBRARIES = ["libtorch_cuda.so", "libc10_cuda.so", "libtorch_nvshmem.so"]
CUDA_LOADED_BY_NAME = ["libtorch_cuda_linalg.so"]
PYTHON_LIBRARIES = ["libtorch_python.so", "libtorch_python.dylib", "libshm.so", "libshm.dylib"]


class Failure(Exception):
    """A reason to stop, worded for the user."""


class Pin:
    """One wheel: package, version, the part that needs it and its sha256."""

    def __init__(self, part, requirement, sha256):
        self.part, self.requirement, self.sha256 = part, requirement, sha256
        self.package, self.version = requirement.split("==")

    def is_file(self, path):
        return path.name.startswith(f"{self.package.replace('-', '_')}-{self.version}-")


class Place:
    """Where each engine lies, or shall lie."""

    def __init__(self, cache, system, pins):
        versions = {pin.package: pin.version for pin in pins}
        self.own_libtorch = own_folder("LIBTORCH", "lib/libtorch_cpu.*")
        self.own_mujoco = own_folder("MUJOCO_DYNAMIC_LINK_DIR", "libmujoco.*")
        self.libtorch = cache / f"libtorch-{versions.get('torch')}-{system}"
        self.mujoco = cache / f"mujoco-{versions.get('mujoco')}-{system}"
        self.cuda = self.libtorch / "torch" / "cuda"
        self.versions = versions

    def missing(self, cuda):
        """The engines that are still to be fetched."""
        missing = []
        if not self.own_libtorch:
            missing += ["libtorch"] * (not self.libtorch.is_dir()) + ["cuda"] * (cuda and not self.cuda.is_dir())
        return missing + ["mujoco"] * (not self.own_mujoco and not self.mujoco.is_dir())

    def links(self):
        """The links of `.deps` and what they lead to."""
        links = {} if self.own_libtorch else {"libtorch": self.libtorch}
        return links if self.own_mujoco else {**links, "mujoco": self.mujoco}


def main(arguments):
    cuda, quiet = "--cuda" in arguments, "--quiet" in arguments
    system = f"{'macos' if sys.platform == 'darwin' else sys.platform}-{os.uname().machine}"
    cache = cache_folder()
    pins = read_pins(system)
    place = Place(cache, system, pins)
    if not pins and not (place.own_libtorch and place.own_mujoco):
        raise Failure(
            f"no prebuilt libtorch and MuJoCo are known for {system}: set LIBTORCH and MUJOCO_DYNAMIC_LINK_DIR to your own"
        )
    if cuda and place.own_libtorch:
        raise Failure("LIBTORCH is set, so the CUDA libraries are those of that libtorch: unset it to use --cuda")
    if cuda and not any(pin.part == "cuda" for pin in pins):
        raise Failure(f"--cuda: there is no CUDA on {system}")
    if place.missing(cuda) or not linked(place):
        cache.mkdir(parents=True, exist_ok=True)
        with Lock(cache / "lock"):
            fetch_missing(place, cache, system, pins, cuda)
            link_all(place)
    if not quiet:
        report(place)


def cache_folder():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(os.environ.get("JSAE_DEPS") or Path(home) / "jsae").absolute()


def own_folder(variable, library):
    """The folder that the user names in `variable`; `None` where that is only the link that setup makes."""
    value = os.environ.get(variable)
    if not value or ROOT / ".deps" in Path(value).parents:
        return None
    if not any(Path(value).glob(library)):
        raise Failure(f"{variable} is {value}, expected a folder that holds {library}")
    return Path(value)


def read_pins(system):
    rows = (line.split() for line in PINS.read_text().splitlines() if line.strip() and not line.startswith("#"))
    return [Pin(*row[1:]) for row in rows if row[0] == system]


class Lock:
    """Held by one setup at a time; the system drops it when the process ends, however it ends."""

    def __init__(self, path):
        self.path = path

    def __enter__(self):
        self.file = open(self.path, "w")
        try:
            fcntl.flock(self.file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            say("another setup is at work in the same cache: waiting for it")
            fcntl.flock(self.file, fcntl.LOCK_EX)

    def __exit__(self, *_):
        self.file.close()


def fetch_missing(place, cache, system, pins, cuda):
    import shutil
    import tempfile

    for left_over in cache.glob(".partial-*"):
        shutil.rmtree(left_over)
    missing = place.missing(cuda)
    if not missing:
        return
    say(f"fetching {' and '.join(missing)} into {cache} ({'about 3 GB' if 'cuda' in missing else 'up to 0.6 GB'}, once)")
    partial = Path(tempfile.mkdtemp(prefix=".partial-", dir=str(cache)))
    try:
        wheels = download(needed(pins, missing), system, partial)
        unpack_all(place, wheels, missing, partial)
    finally:
        shutil.rmtree(partial, ignore_errors=True)


def needed(pins, missing):
    """The wheels that the missing engines come from."""

    def is_needed(pin):
        if pin.package == "mujoco":
            return "mujoco" in missing
        if pin.package == "torch":
            return "libtorch" in missing or "cuda" in missing
        return ("libtorch" if pin.part == "cpu" else "cuda") in missing

    return [pin for pin in pins if is_needed(pin)]


def download(pins, system, partial):
    """Downloads the wheels, checks each, and returns their paths by package."""
    import subprocess

    folder = partial / "wheels"
    command = [*pip(partial), "download", "--no-cache-dir", "--disable-pip-version-check", "--no-deps"]
    command += ["--only-binary=:all:", "--python-version=3.11", "--implementation=cp", "--abi=cp311", "--abi=none"]
    command += [f"--platform={tag}" for tag in platform_tags(system)]
    command += ["--dest", str(folder), *([] if sys.stderr.isatty() else ["--quiet"]), *(pin.requirement for pin in pins)]
    # pip's own half-written files go where they are cleared away with the rest.
    (partial / "tmp").mkdir()
    environment = {**os.environ, "TMPDIR": str(partial / "tmp"), "PIP_REQUIRE_VIRTUALENV": "0"}
    if subprocess.run(command, env=environment, stdout=sys.stderr.fileno()).returncode != 0:
        raise Failure(f"pip could not download {', '.join(pin.requirement for pin in pins)}: its own message is above")
    return {pin.package: checked(pin, folder) for pin in pins}


def pip(partial):
    """The command that runs pip; the pip of a fresh virtual environment where Python has none of its own."""
    import subprocess

    def works(*command):
        return subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    own = [sys.executable, "-m", "pip"]
    if works(*own, "--version"):
        return own
    if works(sys.executable, "-m", "venv", str(partial / "venv")):
        return [str(partial / "venv" / "bin" / "python"), "-m", "pip"]
    raise Failure(f"{sys.executable} has neither pip nor venv: apt-get install -y python3-pip")


def platform_tags(system):
    machine = system.split("-", 1)[1]
    if system.startswith("macos"):
        return [f"macosx_11_0_{machine}"]
    return [f"manylinux{'_' if '_' in tag else ''}{tag}_{machine}" for tag in GLIBC_TAGS]


def checked(pin, folder):
    import hashlib

    found = [path for path in folder.iterdir() if pin.is_file(path)]
    if len(found) != 1:
        raise Failure(f"pip downloaded {len(found)} files for {pin.requirement}, expected one wheel")
    digest = hashlib.sha256()
    with open(found[0], "rb") as file:
        for block in iter(lambda: file.read(1 << 20), b""):
            digest.update(block)
    if digest.hexdigest() != pin.sha256:
        raise Failure(
            f"{found[0].name} has sha256 {digest.hexdigest()}, but scripts/engines.txt says {pin.sha256}: nothing was installed"
        )
    return found[0]


def unpack_all(place, wheels, missing, partial):
    """Unpacks each missing engine beside its final place and renames it into it, so that it is there whole or not at all."""
    nvidia = {package: path for package, path in wheels.items() if package.startswith("nvidia-")}
    if "mujoco" in missing:
        unpack(wheels["mujoco"], partial, lambda name: name.startswith("mujoco/libmujoco."))
        name_mujoco(partial / "mujoco")
        os.replace(partial / "mujoco", place.mujoco)
    if "libtorch" in missing:
        tree = partial / "libtorch"
        unpack(wheels["torch"], tree, is_for_cpu)
        for package in ("nvidia-cuda-runtime", "nvidia-cuda-cupti"):
            if package in nvidia:
                unpack(nvidia.pop(package), tree, is_nvidia_library)
        finish_libtorch(tree / "torch", place.versions["torch"])
        os.replace(tree, place.libtorch)
    if "cuda" in missing:
        tree = partial / "cuda"
        unpack(wheels["torch"], tree, lambda name: Path(name).name in CUDA_LIBRARIES + CUDA_LOADED_BY_NAME)
        for wheel in nvidia.values():
            unpack(wheel, tree, is_nvidia_library)
        add_cuda(tree, place)


def unpack(wheel, tree, wanted):
    import zipfile

    with zipfile.ZipFile(str(wheel)) as archive:
        for name in archive.namelist():
            if wanted(name) and not name.endswith("/"):
                archive.extract(name, str(tree))


def is_for_cpu(name):
    if name.startswith("torch/lib/"):
        file = name[len("torch/lib/") :]
        return "/" not in file and file not in CUDA_LIBRARIES + CUDA_LOADED_BY_NAME + PYTHON_LIBRARIES
    return name.startswith(("torch/include/", "torch/share/"))


def is_nvidia_library(name):
    return name.startswith("nvidia/") and "/lib/" in name and ".so" in Path(name).name


def name_mujoco(folder):
    """Adds the plain name that mujoco-rs looks for."""
    (library,) = folder.iterdir()
    plain = "libmujoco.dylib" if library.suffix == ".dylib" else "libmujoco.so"
    (folder / plain).symlink_to(library.name)


def finish_libtorch(torch, version):
    """Makes the library that is linked by name mean the CPU's libraries alone, and adds the version that torch-sys reads."""
    if (torch / "lib" / "libtorch.so").exists():
        (torch / "lib" / "libtorch.so").write_text("INPUT(libtorch_cpu.so libc10.so)\n")
    (torch / "build-version").write_text(f"{version}\n")


def add_cuda(tree, place):
    """Adds the CUDA libraries to the finished libtorch, file by file, and last the folder that says that all are there.

    `torch/cuda` is as deep as `torch/lib`: the search paths inside the libraries hold there too.
    """
    (tree / "torch" / "cuda").mkdir()
    for name in CUDA_LIBRARIES:
        os.replace(tree / "torch" / "lib" / name, tree / "torch" / "cuda" / name)
    libraries = [path for part in ("torch/lib", "nvidia") for path in sorted((tree / part).rglob("*")) if path.is_file()]
    for library in libraries:
        target = place.libtorch / library.relative_to(tree)
        target.parent.mkdir(parents=True, exist_ok=True)
        os.replace(library, target)
    os.replace(tree / "torch" / "cuda", place.cuda)


def linked(place):
    deps = ROOT / ".deps"
    if deps.is_symlink():
        return False
    return all(
        (deps / name).is_symlink() and os.readlink(deps / name) == str(target) for name, target in place.links().items()
    )


def link_all(place):
    deps = ROOT / ".deps"
    if deps.is_symlink():
        deps.unlink()
    deps.mkdir(exist_ok=True)
    for name, target in place.links().items():
        fresh = deps / f".{name}.new"
        if fresh.is_symlink():
            fresh.unlink()
        fresh.symlink_to(target)
        try:
            os.replace(fresh, deps / name)
        except IsADirectoryError:
            fresh.unlink()
            raise Failure(f"{deps / name} is a folder, not the link that setup makes: move it away") from None


def report(place):
    print(f"libtorch    {place.own_libtorch or place.libtorch}{' (yours: LIBTORCH is set)' if place.own_libtorch else ''}")
    if not place.own_libtorch:
        print(f"CUDA        {place.cuda if place.cuda.is_dir() else 'not fetched (scripts/setup --cuda)'}")
    print(
        f"MuJoCo      {place.own_mujoco or place.mujoco}"
        f"{' (yours: MUJOCO_DYNAMIC_LINK_DIR is set)' if place.own_mujoco else ''}"
    )
    print(f"linked in   {ROOT / '.deps'}")


def say(text):
    print(f"scripts/setup: {text}", file=sys.stderr, flush=True)


def stop(number, _frame):
    sys.exit(128 + number)


if __name__ == "__main__":
    signal.signal(signal.SIGTERM, stop)
    signal.signal(signal.SIGHUP, stop)
    try:
        main(sys.argv[1:])
    except (Failure, OSError) as error:
        say(str(error))
        sys.exit(1)
    except KeyboardInterrupt:
        say("interrupted: nothing half-done was left")
        sys.exit(130)
