"""Signs a folder of the user's own."""

from __future__ import annotations

import os
import shutil
import tempfile
from pathlib import Path

from sq_models.folder import copy_folder
from sq_models.keys import signing_key
from sq_models.signature import SIGNATURE_FILE, sign
from sq_stagekit.errors import InputError

_FOLDER = "FOLDER"


def sign_folder(folder: Path) -> None:
    """Signs the files of a folder, without bytecode. Raises InputError."""
    with tempfile.TemporaryDirectory(prefix="sq-sign-") as name:
        copy_folder(str(folder), Path(name), _FOLDER)
        (Path(name) / SIGNATURE_FILE).unlink(missing_ok=True)
        try:
            sign(Path(name), signing_key())
            draft = folder / f".{SIGNATURE_FILE}.{os.getpid()}"
            shutil.copyfile(Path(name) / SIGNATURE_FILE, draft)
            os.replace(draft, folder / SIGNATURE_FILE)
        except OSError as error:
            raise InputError(_FOLDER, str(error), "give a folder that can be written") from error
