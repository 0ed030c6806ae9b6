"""The images of a release, by name."""

from release.table import TABLE, read

RELEASES = {one.name: one for one in read(TABLE)}
# The images with Debian packages: all but the sidecar, which is one static program.
DEBIAN = [name for name in RELEASES if name != "sq-xcom-sidecar"]
PYTHON = [name for name, one in RELEASES.items() if one.requirements]
