"""Adding and reading rows, in a folder and on S3."""

from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta
from io import BytesIO
from pathlib import Path

import pyarrow
import pytest
from pyarrow import parquet
from rows import DAY, run

from sq_history import History, OtherFigures


@pytest.fixture(params=["file", "s3"])
def uri(request: pytest.FixtureRequest, tmp_path: Path) -> str:
    return str(tmp_path) if request.param == "file" else f"{request.getfixturevalue('bucket')}/{tmp_path.name}"


def test_rows_are_read_as_they_were_added(uri: str) -> None:
    history = History(uri)
    assert history.add(run())
    snapshot = history.read("uk", DAY, 10)
    assert list(snapshot.rows) == run()
    assert snapshot.unread == ()
    assert [row.run_id for row in snapshot.markets] == ["r1"]


def test_the_same_run_again_adds_nothing(uri: str) -> None:
    assert [History(uri).add(run()) for _ in range(2)] == [True, False]
    assert len(History(uri).read("uk", DAY, 10).rows) == 3


def test_other_figures_of_the_same_run_are_refused_and_the_first_stay(uri: str) -> None:
    history = History(uri)
    history.add(run(ndcg=0.7))
    with pytest.raises(OtherFigures, match="uk/r1.parquet holds other figures"):
        history.add(run(ndcg=0.5))
    assert list(history.read("uk", DAY, 10).rows) == run(ndcg=0.7)


def test_of_many_writers_at_once_each_run_is_kept_once(uri: str) -> None:
    ids = [f"scheduled__2026-01-{number % 8:02}T00:00:00+00:00" for number in range(32)]
    with ThreadPoolExecutor(8) as pool:
        added = list(pool.map(lambda run_id: History(uri).add(run(run_id)), ids))
    assert added.count(True) == 8
    assert sorted(row.run_id for row in History(uri).read("uk", DAY, 100).markets) == sorted(set(ids))


def test_the_last_runs_up_to_a_date_come_in_its_order(tmp_path: Path) -> None:
    history = History(str(tmp_path))
    days = [DAY + timedelta(days=number) for number in range(5)]
    for day in reversed(days):
        history.add(run(f"r{day.day}", day=day))
    history.add(run("other", market="de"))
    assert [row.interval_date for row in history.read("uk", days[3], 3).markets] == days[1:4]


def test_a_later_answer_about_the_same_days_comes_after_an_earlier_one(tmp_path: Path) -> None:
    history = History(str(tmp_path))
    history.add(run("a", asked_on=date(2026, 3, 1)))
    history.add(run("z", asked_on=date(2026, 1, 12)))
    assert [row.run_id for row in history.read("uk", DAY, 10).markets] == ["z", "a"]


def _foreign() -> bytes:
    sink = BytesIO()
    parquet.write_table(pyarrow.table({"run_id": ["r"], "price": [1.0]}), sink)
    return sink.getvalue()


UNREAD = {
    "broken": ("date=2026-01-11/uk/x.parquet", b"PAR1 and no more", "arquet"),
    "empty": ("date=2026-01-11/uk/x.parquet", b"", "size is 0 bytes"),
    "of another table": ("date=2026-01-11/uk/x.parquet", _foreign(), "it lacks the columns market, scope"),
    "foreign": ("notes.txt", b"by hand", "it is not named date="),
    "no such date": ("date=2026-02-31/uk/x.parquet", b"", "it is not named date="),
}


@pytest.mark.parametrize("case", UNREAD)
def test_what_cannot_be_read_is_named_and_the_rest_is_read(case: str, tmp_path: Path) -> None:
    name, data, why = UNREAD[case]
    history = History(str(tmp_path))
    history.add(run())
    (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
    (tmp_path / name).write_bytes(data)
    snapshot = history.read("uk", DAY, 10)
    assert list(snapshot.rows) == run()
    (unread,) = snapshot.unread
    assert unread.name == name
    assert why in unread.why


def test_a_copy_under_another_name_is_not_taken_for_a_run(tmp_path: Path) -> None:
    history = History(str(tmp_path))
    history.add(run())
    folder = tmp_path / "date=2026-01-11/uk"
    (folder / "copy.parquet").write_bytes((folder / "r1.parquet").read_bytes())
    snapshot = history.read("uk", DAY, 10)
    assert [row.run_id for row in snapshot.markets] == ["r1"]
    assert snapshot.unread[0].why == "it holds rows of run r1, market uk, date 2026-01-11"


def test_columns_of_a_later_version_are_left_out(tmp_path: Path) -> None:
    history = History(str(tmp_path))
    history.add(run())
    path = tmp_path / "date=2026-01-11/uk/r1.parquet"
    table = parquet.ParquetFile(path).read()
    parquet.write_table(table.append_column("later", pyarrow.array([1, 2, 3])), path)
    assert list(history.read("uk", DAY, 10).rows) == run()


def test_the_digest_of_a_snapshot_follows_what_was_read(tmp_path: Path) -> None:
    history = History(str(tmp_path))
    history.add(run())
    first = history.read("uk", DAY, 10)
    assert first.digest == history.read("uk", DAY, 10).digest
    history.add(run("r2"))
    assert first.digest != history.read("uk", DAY, 10).digest


def test_rows_of_two_runs_are_not_added_at_once(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match="not of 2"):
        History(str(tmp_path)).add([*run("r1"), *run("r2")])
    assert not list(tmp_path.iterdir())


def test_a_history_that_does_not_exist_yet_is_empty(tmp_path: Path) -> None:
    assert History(str(tmp_path / "new")).read("uk", DAY, 10).rows == ()


def test_a_listing_does_not_see_what_is_added_later(tmp_path: Path) -> None:
    history = History(str(tmp_path))
    history.add(run("r1"))
    listing = history.list()
    history.add(run("r2"))
    assert [row.run_id for row in listing.read("uk", DAY, 10).markets] == ["r1"]


def test_an_object_deleted_after_the_listing_is_named(tmp_path: Path) -> None:
    history = History(str(tmp_path))
    history.add(run("r1"))
    history.add(run("r2"))
    listing = history.list()
    (tmp_path / "date=2026-01-11/uk/r1.parquet").unlink()
    snapshot = listing.read("uk", DAY, 10)
    assert [row.run_id for row in snapshot.markets] == ["r2"]
    assert snapshot.unread[0].why == "it was deleted while the history was read"


def test_marks_of_tools_are_ignored(tmp_path: Path) -> None:
    history = History(str(tmp_path))
    history.add(run())
    for name in ("_SUCCESS", ".sq-doctor", "date=2026-01-11/uk/.r1.parquet.crc", "_temporary/0/x.parquet"):
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).touch()
    assert history.read("uk", DAY, 10).unread == ()
