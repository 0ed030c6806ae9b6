"""Versions of a bucket: registered once, run only as registered and signed."""

from pathlib import Path

import pytest
from small_module import MODULE, write_module

from sq_handoff import Store
from sq_models import Registry, folder_digest, open_folder, parse_reference, verified_copy
from sq_models.module import load_module, read_card
from sq_models.signature import SIGNATURE_FILE
from sq_stagekit import InputError

FIELD = "model"


class Bucket:
    def __init__(self, uri: str, folder: Path):
        self.uri = f"{uri}/twice"
        self.store = Store.at(self.uri)
        self._folder = folder

    def reference(self, version=""):
        return parse_reference(f"{self.uri}@{version}" if version else self.uri, FIELD)

    def registry(self):
        return Registry(self.reference(), FIELD)

    def register(self, version, weights=1, module=MODULE):
        folder = write_module(self._folder / f"{version}-{weights}", weights, module)
        with verified_copy(str(folder), FIELD) as copy:
            return self.registry().register(copy, version)

    def weights(self, version):
        with open_folder(str(self.reference(version)), FIELD) as opened:
            return load_module(opened, FIELD).times

    def refused(self, version):
        with pytest.raises(InputError) as caught:
            self.weights(version)
        assert caught.value.field == FIELD
        return caught.value.problem


@pytest.fixture
def models(bucket, tmp_path):
    return Bucket(bucket, tmp_path / "folders")


def test_a_registered_version_runs_with_its_weights(models):
    models.register("v1", 1)
    models.register("v2", 2)
    assert (models.weights("v1"), models.weights("v2")) == (1, 2)
    assert [entry.version for entry in models.registry().versions()] == ["v1", "v2"]


def test_an_opened_version_says_what_it_is(models):
    entry = models.register("v1")
    with open_folder(str(models.reference("v1")), FIELD) as opened:
        assert opened.pinned.uri == f"{models.uri}@v1"
        assert opened.digest == entry.digest == folder_digest(opened.path)


def test_registering_the_same_files_again_completes_them(models):
    first = models.register("v1")
    models.store.delete("v1/times.py")
    assert "altered after it was signed" in models.refused("v1")
    assert models.register("v1") == first
    assert models.weights("v1") == 1


def test_a_version_is_never_replaced(models):
    models.register("v1", 1)
    with pytest.raises(InputError, match="v1 is registered with other files"):
        models.register("v1", 2)
    assert models.weights("v1") == 1


def test_another_signed_model_in_its_place_is_refused(models):
    models.register("v1", 1)
    models.register("v2", 2)
    for name in models.store.list("v2"):
        models.store.put(name.replace("v2/", "v1/"), models.store.get(name))
    assert "its files are not those that were registered" in models.refused("v1")


def altered(store):
    store.put("v1/weights.txt", b"7")


def unsigned(store):
    store.delete(f"v1/{SIGNATURE_FILE}")


def longer(store):
    store.put("v1/more.py", b"")


def without_card(store):
    store.delete("v1/card.json")


@pytest.mark.parametrize(
    ("spoil", "problem"),
    [
        (altered, "it was altered after it was signed"),
        (longer, "it was altered after it was signed"),
        (unsigned, "it has no signature"),
        (without_card, "there is no model at"),
    ],
)
def test_nothing_runs_of_a_version_that_is_not_as_signed(models, tmp_path, spoil, problem):
    trace = tmp_path / "trace"
    models.register("v1", module=f"open({str(trace)!r}, 'w').close()\n{MODULE}")
    spoil(models.store)
    assert problem in models.refused("v1")
    assert not trace.exists()


def test_a_version_signed_by_a_key_that_is_not_trusted_is_refused(models, keys, tmp_path, monkeypatch):
    models.register("v1")
    monkeypatch.setenv("SQ_KEYS", str(tmp_path / "other"))
    assert "this machine trusts no key" in models.refused("v1")
    with open_folder(str(models.reference("v1")), FIELD, [keys / "trusted" / "own.pub"]) as opened:
        assert load_module(opened, FIELD).times == 1


def test_bytecode_beside_a_module_breaks_no_check_and_does_not_run(models):
    models.register("v1")
    models.store.put("v1/__pycache__/times.cpython-311.pyc", b"not bytecode")
    assert models.weights("v1") == 1


def test_a_name_that_leaves_the_folder_is_refused(models, monkeypatch):
    models.register("v1")
    monkeypatch.setattr(Store, "list", lambda store, prefix="": ["card.json", "../escaped"])
    assert "has an object ../escaped" in models.refused("v1")


def test_an_unknown_version_is_answered_with_those_there_are(models):
    models.register("v1")
    with pytest.raises(InputError, match=r"twice@v9 is not registered; registered versions: v1"):
        models.weights("v9")


def test_a_damaged_entry_names_the_object(models):
    models.register("v1")
    models.store.put("_registry/v1.json", b"{}")
    assert "_registry/v1.json is damaged" in models.refused("v1")


@pytest.mark.parametrize(
    ("module", "problem"),
    [
        ("import no_such_library", "cannot be imported: No module named 'no_such_library'"),
        ("1 / 0", "ZeroDivisionError"),
        ("class Other: pass", "no attribute 'Model'"),
        ("class Model:\n    def __init__(self, folder): pass", "class Model has no run method"),
        ("class Model:\n    def __init__(self, folder): raise OSError('weights')\n    def run(self): pass", "weights"),
        ("class Model(", "SyntaxError"),
    ],
)
def test_a_module_that_cannot_be_used_is_bad_input(models, module, problem):
    models.register("v1", module=module)
    assert problem in models.refused("v1")


def test_a_folder_without_an_interface_has_no_module_to_run(models, tmp_path):
    folder = write_module(tmp_path / "folder")
    with open_folder(str(folder), FIELD) as opened:
        assert read_card(opened, FIELD).interface.output_type == "sq.v1.RetrievalRecord"
        (opened.path / "model.py").unlink()
        with pytest.raises(InputError, match=r"it has no model\.py"):
            read_card(opened, FIELD)


@pytest.mark.parametrize("text", ["lake/Judge", "lake/judge@", "lake/judge@..", "lake/_registry", "lake/judge@a@b"])
def test_names_that_cannot_be_those_of_models(text):
    with pytest.raises(InputError):
        parse_reference(text, FIELD)
