"""The user that stages run as in containers, and the folders that user may write to."""

from __future__ import annotations

import os
from pathlib import Path

from sq_cli.engines.container import User

IMAGE_USER = User(65532, 65532)


def user_of_this_run() -> User:
    """The caller, so that the caller owns what stages write; the image's user if the caller is root.

    No file of an image belongs to its user, so any user can run it. The engine ctr requires root.
    """
    return User(os.geteuid(), os.getegid()) if os.geteuid() else IMAGE_USER


def give(folder: Path, user: User) -> None:
    """Makes the folder, and makes the user its owner, with all it contains. Only root needs to change owners."""
    folder.mkdir(parents=True, exist_ok=True)
    if os.geteuid() != 0:
        return
    for path in [folder, *folder.rglob("*")]:
        os.chown(path, user.uid, user.gid, follow_symlinks=False)
