"""The tables of cases that Go and Python both run (proto/cases)."""

import json
import uuid
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from google.protobuf import json_format, message_factory, symbol_database

from sq_handoff import Store
from sq_handoff.validate import RecordError, check_record

CASES = Path(__file__).parents[4] / "proto" / "cases"


def table(name: str) -> list[dict]:
    return json.loads((CASES / name).read_text(encoding="utf-8"))


@pytest.mark.parametrize("case", table("records.json"), ids=lambda case: case["name"])
def test_records(case: dict) -> None:
    descriptor = symbol_database.Default().pool.FindMessageTypeByName(case["type"])
    record = json_format.ParseDict(case["json"], message_factory.GetMessageClass(descriptor)())
    try:
        check_record(record)
        field = ""
    except RecordError as error:
        field = error.field
    assert field == case["error"]


@pytest.fixture(params=["file", "bucket", "gs_bucket"])
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Store:
    if request.param == "file":
        return Store.at(str(tmp_path))
    return Store.at(f"{request.getfixturevalue(request.param)}/{uuid.uuid4()}")


def step(store: Store, op: str, **given: object) -> None:
    name = given.get("name")
    data = given.get("data")
    match op:
        case "put":
            store.put(name, data.encode())
        case "put_once":
            assert store.put_once(name, data.encode()) == given["written"]
        case "replace":
            assert store.replace(name, given["old"].encode(), data.encode()) == given["written"]
        case "get" if data is None:
            with pytest.raises(FileNotFoundError):
                store.get(name)
        case "get":
            assert store.get(name) == data.encode()
        case "get_range" if data is None:
            with pytest.raises(FileNotFoundError):
                store.get_range(name, given["start"], given["length"])
        case "get_range":
            assert store.get_range(name, given["start"], given["length"]) == data.encode()
        case "list":
            assert store.list(given["prefix"]) == given["names"]
        case "delete":
            store.delete(name)
        case _:
            pytest.fail(f"unknown operation {op}")


@pytest.mark.parametrize("case", table("store.json"), ids=lambda case: case["name"])
def test_stores(case: dict, store: Store) -> None:
    for given in case["steps"]:
        step(store, **given)


def test_of_many_writers_one_puts_once(store: Store) -> None:
    for number in range(5):
        with ThreadPoolExecutor(8) as writers:
            written = list(writers.map(lambda n, number=number: store.put_once(f"once{number}", b"%d" % n), range(8)))
        assert sum(written) == 1
        assert store.get(f"once{number}") == b"%d" % written.index(True)
