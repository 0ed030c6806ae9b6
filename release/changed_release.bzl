"""Releases for tests, in which one image is changed."""

load("@rules_oci//oci:defs.bzl", "oci_image", "oci_push")
load("//bazel/image:parts.bzl", "image_parts")
load(":images.bzl", "IMAGES")
load(":sbom.bzl", "sbom")
load(":table.bzl", "release_table")

def changed_release(name, image, base, **kwargs):
    """An image, and `table_<name>`: the table of all images with this one in place of its original.

    Args:
      name: name of the changed image.
      image: name of the image that it replaces.
      base: image that the changed one is built on.
      **kwargs: the change, as attributes of oci_image.
    """
    label = ":" + name
    oci_image(name = name, testonly = True, base = base, **kwargs)
    oci_push(name = name + ".push", testonly = True, image = label)
    image_parts(name = name + ".parts", testonly = True, of = [IMAGES[image] + ".parts"])
    sbom(name = name + ".sbom", testonly = True, image = label, parts = label + ".parts")
    release_table(
        name = "table_" + name,
        testonly = True,
        images = {
            label if other == image else target: ":%s.sbom" % (name if other == image else other)
            for other, target in IMAGES.items()
        },
    )
