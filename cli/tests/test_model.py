"""`sq model`: from a signed folder to production and back, and which of two judges is better."""

import json
import sys

import pytest
from small_module import write_module
from start_model import start_card, write_model

from sq_cli import __main__ as program
from sq_handoff import Store


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch):
    monkeypatch.setenv("SQ_KEYS", str(tmp_path / "keys"))
    monkeypatch.setenv("COLUMNS", "200")


@pytest.fixture
def sq(monkeypatch, capsys):
    """Runs sq: exit code, stdout, stderr."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["sq", *map(str, arguments)])
        code = program.main()
        return (code, *capsys.readouterr())

    return run


@pytest.fixture
def judge(tmp_path, sq):
    """BUCKET/NAME of a model with the versions v1 and v2."""
    uri = tmp_path / "bucket" / "judge"
    for number in (1, 2):
        folder = write_module(tmp_path / f"folder{number}", number)
        assert sq("model", "register", folder, f"{uri}@v{number}")[0] == 0
    return uri


def test_a_version_goes_to_production_and_back(judge, sq):
    assert sq("model", "promote", f"{judge}@v1")[0] == 0
    assert sq("model", "promote", f"{judge}@v2", "--reason", "kappa 0.84")[0] == 0
    assert f"in production: {judge}@v1, move 3" in sq("model", "rollback", judge)[2].replace("\n", "")
    shown = sq("model", "show", judge)[1]
    assert [line.split()[:2] for line in shown.splitlines() if "kappa" in line or "rollback" in line] == [
        ["2", "v2"],
        ["3", "v1"],
    ]
    (line,) = [line for line in shown.splitlines() if "in production" in line]
    assert line.split()[0] == "v1"
    assert [line.split()[:3] for line in sq("model", "list", judge.parent)[1].splitlines() if "judge" in line] == [
        ["judge", "2", "v1"]
    ]


def test_a_version_is_shown_with_its_card(judge, sq):
    code, shown, _ = sq("model", "show", f"{judge}@v1")
    assert code == 0
    assert json.loads(shown[shown.index("{") :])["interface"]["outputType"] == "sq.v1.RetrievalRecord"


def test_what_sq_train_writes_is_registered_under_its_digest(tmp_path, sq):
    model = write_model(tmp_path / "model")
    code, _, told = sq("model", "register", model, tmp_path / "bucket" / "trained")
    (version,) = [name for name in Store.at(str(tmp_path / "bucket" / "trained")).list("_registry")]
    assert code == 0
    assert version.removeprefix("_registry/").removesuffix(".json") in told


def test_a_folder_of_ones_own_is_signed_without_its_bytecode(tmp_path, sq):
    folder = write_module(tmp_path / "own")
    (folder / "weights.txt").write_text("5")
    (folder / "__pycache__").mkdir()
    (folder / "__pycache__" / "model.pyc").write_bytes(b"x")
    target = tmp_path / "bucket" / "own"
    code, _, told = sq("model", "register", folder, target)
    assert (code, "it was altered after it was signed" in told) == (2, True)
    assert not target.exists()
    assert sq("model", "sign", folder)[0] == 0
    assert sq("model", "register", folder, target)[0] == 0


@pytest.mark.parametrize(
    ("arguments", "problem"),
    [
        (["register", "{folder}", "{judge}@production"], "is the pointer, and not a version"),
        (["register", "{folder}", "{judge}@v2"], "is registered with other files"),
        (["register", "{folder}", "{judge}@V 3"], "cannot be the version"),
        (["promote", "{judge}"], "names no version"),
        (["promote", "{judge}@v9"], "registered versions: v1, v2"),
        (["rollback", "{judge}"], "has no earlier version"),
        (["show", "{judge}@production"], "no version of"),
        (["sign", "{judge}"], "no card.json"),
        (["list", "ftp://host/models"], "the scheme must be one of"),
    ],
)
def test_bad_input_is_2_with_what_to_do(judge, tmp_path, sq, arguments, problem):
    given = {"judge": judge, "folder": tmp_path / "folder1"}
    code, _, told = sq("model", *(text.format(**given) for text in arguments))
    assert code == 2
    assert problem in told.replace("\n", " ")


@pytest.fixture
def shop(tmp_path):
    """Catalogue, and labels that the rules agree with."""
    catalogue, labels = tmp_path / "shop.ndjson", tmp_path / "labels.csv"
    words = ["hat", "shoe", "coat", "sock", "scarf", "belt", "glove", "boot"]
    catalogue.write_text("\n".join(json.dumps({"id": word, "title": f"Red {word}"}) for word in words))
    rows = [f"{query},{word},{4 * (query == word)}" for query in words for word in words]
    labels.write_text("\n".join(["query,docid,rating", *rows]) + "\n")
    return ["--catalogue", catalogue, "--labels", labels]


def test_compare_finds_the_better_judge(tmp_path, sq, shop):
    good = write_model(tmp_path / "good")
    # Gives everything that the rules call perfect a 0, and the rest a 4.
    bad = write_model(tmp_path / "bad", start_card(slopes=[-1.0] * 4))
    code, found, _ = sq("model", "compare", good, bad, *shop, "--json", "--require-better")
    assert code == 0
    figures = json.loads(found)
    assert figures["first"] == 1 and figures["second"] < 0
    assert (figures["queries"], figures["differing"]) == (8, 8)
    assert figures["p_value"] < 0.05


def test_compare_with_itself_is_not_better(tmp_path, sq, shop):
    model = write_model(tmp_path / "model")
    code, found, _ = sq("model", "compare", model, model, *shop, "--require-better")
    assert code == 3
    assert "Neither is better by more than chance." in found
