"""The rule that WORKSPACE loads to use an image from a layout on disk as a base."""

load("//oci/private:pull_check.bzl", "index_problem", "pull_problem")

_BUILD = """\
load("@rules_oci//oci/private:pull.bzl", "layout")

package(default_visibility = ["//visibility:public"])

layout(
    name = "{name}",
    blobs = glob(["layout/blobs/sha256/*"]),
    index = "layout/index.json",
)
"""

def _oci_pull_impl(ctx):
    folder = ctx.path(ctx.attr.image[len("file://"):].replace("%workspace%", str(ctx.path(Label("@//:WORKSPACE")).dirname)))
    index = folder.get_child("index.json")
    if not index.exists:
        fail("%s is not an OCI layout: it has no index.json" % ctx.attr.image)
    problem = index_problem(ctx.attr.image, ctx.attr.digest, ctx.read(index))
    if problem:
        fail(problem)
    ctx.symlink(folder, "layout")
    ctx.file("BUILD.bazel", _BUILD.format(name = ctx.name))

_oci_pull = repository_rule(
    implementation = _oci_pull_impl,
    local = True,
    attrs = {
        "digest": attr.string(mandatory = True),
        "image": attr.string(mandatory = True),
    },
)

def oci_pull(name, image = None, digest = None, **kwargs):
    """Makes `@name` the image of a layout on disk, and checks its digest.

    Args:
      name: of the repository, and of the target in it.
      image: file:// and an absolute folder, or one below %workspace%.
      digest: of the manifest.
      **kwargs: what the original has besides; refused by name.
    """
    problem = pull_problem(image, digest, kwargs)
    if problem:
        fail(problem)
    _oci_pull(name = name, digest = digest, image = image)
