"""Only a model that a trusted key signed, as it is, is run."""

import json
import shutil

import pytest
from start_model import start_card, write_model

from sq_models import CARD_FILE, folder_digest
from sq_models.signature import SIGNATURE_FILE
from sq_stagekit import InputError
from sq_trained import open_model
from sq_trained.embedding import MODEL_FILE

FIELD = "trained.model"


@pytest.fixture(autouse=True)
def keys(tmp_path, monkeypatch):
    folder = tmp_path / "keys"
    monkeypatch.setenv("SQ_KEYS", str(folder))
    return folder


@pytest.fixture
def model(tmp_path):
    return write_model(tmp_path / "model")


def refused(model):
    with pytest.raises(InputError) as caught:
        open_model(str(model), FIELD)
    assert caught.value.field == FIELD
    return caught.value.problem


def test_a_signed_model_opens_and_has_the_digest_of_its_files(model):
    assert open_model(str(model), FIELD).digest == folder_digest(model)


def test_a_flipped_bit_of_the_weights_is_refused(model):
    weights = bytearray((model / MODEL_FILE).read_bytes())
    weights[100] ^= 1
    (model / MODEL_FILE).write_bytes(weights)
    assert "it was altered after it was signed" in refused(model)
    assert MODEL_FILE in refused(model)


@pytest.mark.parametrize("name", ["more.onnx", ".git/hooks", ".hidden"])
def test_a_file_that_was_not_signed_is_refused(model, name):
    path = model / name
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    assert "it was altered after it was signed" in refused(model)


def test_bytecode_is_neither_checked_nor_copied(model):
    (model / "__pycache__").mkdir()
    (model / "__pycache__" / "card.pyc").write_bytes(b"x")
    assert open_model(str(model), FIELD).digest == folder_digest(model)


def test_a_file_that_is_missing_is_refused(model):
    (model / MODEL_FILE).unlink()
    assert "it was altered after it was signed" in refused(model)


def test_a_model_without_a_signature_is_refused(model):
    (model / SIGNATURE_FILE).unlink()
    assert f"it has no signature ({SIGNATURE_FILE})" in refused(model)


def test_a_signature_that_is_none_is_refused(model):
    (model / SIGNATURE_FILE).write_text("{}")
    assert "no trusted key signed it" in refused(model)


def test_another_machines_model_is_refused_until_its_key_is_trusted(model, keys, tmp_path, monkeypatch):
    other = tmp_path / "other"
    monkeypatch.setenv("SQ_KEYS", str(other))
    assert "this machine trusts no key" in refused(model)
    write_model(tmp_path / "own")
    assert "no trusted key signed it" in refused(model)
    shutil.copy(keys / "trusted" / "own.pub", other / "trusted" / "colleague.pub")
    assert open_model(str(model), FIELD).digest == folder_digest(model)


def test_a_named_key_takes_the_place_of_the_machines(model, keys, tmp_path, monkeypatch):
    monkeypatch.setenv("SQ_KEYS", str(tmp_path / "other"))
    assert open_model(str(model), FIELD, [keys / "trusted" / "own.pub"]).digest == folder_digest(model)


@pytest.mark.parametrize(
    ("changed", "problem"),
    [
        ({"format": 2}, "it is of format 2"),
        ({"features_version": 99}, "with features 99"),
        ({"features": ["words"]}, "this program reads format 1"),
        ({"slopes": [1.0]}, "has 1 slopes, not 4"),
    ],
)
def test_a_model_of_another_version_is_refused(tmp_path, changed, problem):
    assert problem in refused(write_model(tmp_path / "model", start_card(**changed)))


def test_a_card_with_an_unknown_field_is_of_another_version(tmp_path):
    model = write_model(tmp_path / "model")
    card = json.loads((model / CARD_FILE).read_text()) | {"later": 1}
    (model / CARD_FILE).write_text(json.dumps(card))
    from sq_models.keys import signing_key
    from sq_models.signature import sign

    sign(model, signing_key())
    assert "later" in refused(model)


@pytest.mark.parametrize("place", ["nothing", "ftp://host/model"])
def test_a_place_without_a_model_is_refused(tmp_path, place):
    assert refused(place if "://" in place else tmp_path / place)


def test_the_private_key_is_readable_by_its_owner_alone(model, keys):
    assert (keys / "model.key").stat().st_mode & 0o777 == 0o600
