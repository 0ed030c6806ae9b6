"""The judges that the build trained, signed with a key of this machine."""

from __future__ import annotations

import hashlib
import os
import shutil
import tempfile
from pathlib import Path

from sq_models import folder_digest
from sq_models.keys import signing_key
from sq_models.signature import sign


def signed_judges(trained: Path, folder: Path) -> Path:
    """A folder with a signed copy of each judge. It is made once for what was trained, so a later run uses the same.

    Args:
        trained: a folder with one model for each market, unsigned.
        folder: where the copies lie.
    """
    models = sorted(path for path in trained.iterdir() if path.is_dir())
    digest = hashlib.sha256("".join(map(folder_digest, models)).encode()).hexdigest()[:12]
    made = folder / digest
    if not made.exists():
        folder.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(prefix=".judges-", dir=folder) as name:
            draft = Path(name) / "judges"
            for model in models:
                # Files of a build may not be written to, and lie behind links.
                shutil.copytree(model, draft / model.name, copy_function=shutil.copyfile)
                (draft / model.name).chmod(0o755)
                sign(draft / model.name, signing_key())
            try:
                os.rename(draft, made)
            except OSError:
                if not made.exists():  # Another demo was faster.
                    raise
    return made
