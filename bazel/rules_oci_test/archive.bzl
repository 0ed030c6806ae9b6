"""The archive that oci_load gives to a container engine, as a file for the tests."""

load("@rules_oci//oci:defs.bzl", "oci_load")

def archive(name, load, **kwargs):
    """An oci_load, and its archive.

    Args:
      name: of the archive.
      load: name of the oci_load.
      **kwargs: attributes of the oci_load.
    """
    oci_load(name = load, **kwargs)
    native.filegroup(name = name, srcs = [":" + load], output_group = "tarball")
