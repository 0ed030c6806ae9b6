"""The archive that oci_load gives to a container engine, as a file for the tests."""

load("@rules_oci//oci:defs.bzl", "oci_load")

def loaded_archive(name, archive, **kwargs):
    """An oci_load, and its archive.

    Args:
      name: of the oci_load.
      archive: name of the target with its archive.
      **kwargs: attributes of the oci_load.
    """
    oci_load(name = name, **kwargs)
    native.filegroup(name = archive, srcs = [":" + name], output_group = "tarball")
