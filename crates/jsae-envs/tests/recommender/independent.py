"""Makes three small purchase logs and counts them with pandas: what the loader must find.

usage: independent.py FOLDER        (pandas 3; writes kaggle.csv, quoted.csv, tabs.tsv and a .json beside each)

Shares nothing with the loader: filters are group sizes, followers are shifted columns.
"""

import json
import random
import sys
from pathlib import Path

import pandas as pd

NAMES = "event_time,event_type,product_id,category_id,category_code,brand,price,user_id,user_session"


def main(folder):
    kaggle(folder / "kaggle.csv")
    quoted(folder / "quoted.csv")
    tabs(folder / "tabs.tsv")


def kaggle(path):
    """As on Kaggle: views between the purchases, equal times, empty columns."""
    draw = random.Random(1)
    rows, second = [NAMES], 0
    for _ in range(400):
        second += draw.choice([0, 0, 1, 7, 4000])
        event = draw.choice(["view", "view", "cart", "purchase", "purchase"])
        item = 1_000_000 + int(draw.paretovariate(0.4)) % 25
        price = 5 + item % 25 * 3 + draw.randrange(100) / 100
        time = pd.Timestamp("2019-10-30 23:00:00") + pd.Timedelta(seconds=second)
        code, brand = draw.choice(["", "electronics.audio"]), draw.choice(["", "oak"])
        user = 512_000_000 + draw.randrange(30)
        rows.append(f"{time} UTC,{event},{item},2053013555631882655,{code},{brand},{price:.2f},{user},s{draw.randrange(99)}")
    path.write_text("\n".join(rows) + "\n")
    write_expected(path, pd.read_csv(path, dtype={"product_id": str}), dict(min_item=6, min_user=4, fixpoint=False))


def quoted(path):
    """Quotes, commas, line ends and doubled quotes in fields, CRLF, a byte-order mark, rows out of order, other columns."""
    draw = random.Random(2)
    rows = ['"who","when","note","what","event","paid"']
    for _ in range(300):
        item = draw.choice(["tea", "tea pot", "cup, small", 'cup "large"', "a", "bb", "Öl"])
        note = draw.choice(["", "plain", '"two, fields"', '"two\r\nlines"', '"a ""word"""'])
        time = f"2019-{draw.randrange(1, 13):02}-{draw.randrange(1, 29):02}T{draw.randrange(24):02}:30:00+0{draw.randrange(4)}:00"
        event = draw.choice(["sale", '"sale"', '"return"', "view"])
        text = '"' + item.replace('"', '""') + '"' if any(c in item for c in ',"') or draw.random() < 0.5 else item
        rows.append(f'u{draw.randrange(25)},"{time}",{note},{text},{event},"{draw.randrange(1, 2000) / 10}"')
    path.write_bytes(b"\xef\xbb\xbf" + "\r\n".join(rows).encode())
    log = pd.read_csv(path, encoding="utf-8-sig", dtype=str, keep_default_na=False)
    log = log.rename(columns={"who": "user_id", "when": "event_time", "what": "product_id", "event": "event_type", "paid": "price"})
    log["price"] = log["price"].astype(float)
    log["event_type"] = log["event_type"].replace("sale", "purchase")
    write_expected(path, log, dict(min_item=10, min_user=3, fixpoint=True))


def tabs(path):
    """Tabs, unix seconds, neither event nor price: every row a purchase at 1."""
    draw = random.Random(3)
    rows = ["user\titem\trating\tat"]
    for _ in range(700):
        rows.append(f"{draw.randrange(40)}\t{int(draw.gauss(12, 6))}\t{draw.randrange(1, 6)}\t{881250000 + draw.randrange(2000)}")
    path.write_text("\n".join(rows) + "\n")
    log = pd.read_csv(path, sep="\t", dtype={"item": str, "user": str})
    log = log.rename(columns={"user": "user_id", "item": "product_id", "at": "event_time"}).assign(event_type="purchase", price=1.0)
    log["event_time"] = pd.to_datetime(log["event_time"], unit="s", utc=True).astype(str)
    write_expected(path, log, dict(min_item=22, min_user=10, fixpoint=True))


def write_expected(path, log, filters):
    log = log[log["event_type"] == "purchase"].copy()
    stages = [counts(log)]
    while True:
        before = len(log)
        for column, least in (("product_id", filters["min_item"]), ("user_id", filters["min_user"])):
            log = log[log.groupby(column)[column].transform("size") >= least]
            stages.append(counts(log))
        if not filters["fixpoint"] or len(log) == before:
            break
    log["event_time"] = pd.to_datetime(log["event_time"], utc=True)
    log = log.sort_values("event_time", kind="stable")
    second = log.groupby("user_id")["product_id"].shift(-1)
    third = log.groupby("user_id")["product_id"].shift(-2)
    steps = pd.DataFrame({"first": log["product_id"], "second": second, "third": third})
    items = sorted(log["product_id"].unique(), key=lambda item: (len(item.encode()), item))
    by_item = log.groupby("product_id")["price"]
    expected = {
        **filters,
        "stages": stages,
        "items": items,
        "prices": [float(by_item.mean()[item]) for item in items],
        "purchases": [int(by_item.size()[item]) for item in items],
        "order1": followers(steps, ["first", "second"], items),
        "order2": followers(steps, ["first", "second", "third"], items),
    }
    lines = ",\n".join(f'"{key}": {json.dumps(value, separators=(",", ":"))}' for key, value in expected.items())
    path.with_suffix(".json").write_text("{" + lines + "}\n")


def counts(log):
    return [len(log), log["product_id"].nunique(), log["user_id"].nunique()]


def followers(steps, columns, items):
    """Rows of item numbers and their count, ascending."""
    sizes = steps.dropna(subset=columns).groupby(columns).size()
    return sorted([*(items.index(item) for item in key), int(size)] for key, size in sizes.items())


if __name__ == "__main__":
    main(Path(sys.argv[1]))
