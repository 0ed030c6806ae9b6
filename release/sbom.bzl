"""The bill of materials of an image."""

load("//bazel/image:parts.bzl", "ImagePartsInfo")

def _sbom_impl(ctx):
    parts = ctx.attr.parts[ImagePartsInfo]
    out = ctx.actions.declare_file(ctx.label.name + ".json")
    arguments = ctx.actions.args()
    arguments.add("--image", ctx.file.image.path)
    arguments.add("--debian-lock", ctx.file._debian_lock)
    arguments.add_all(parts.debian, before_each = "--debian")
    arguments.add_all(parts.requirements, before_each = "--wheels")
    arguments.add_all(parts.wheel_sums, before_each = "--wheel-sums")
    arguments.add_all(parts.go, before_each = "--go")
    arguments.add("--out", out)
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [arguments],
        inputs = depset([ctx.file.image, ctx.file._debian_lock], transitive = [parts.requirements, parts.wheel_sums, parts.go]),
        outputs = [out],
        mnemonic = "Sbom",
        progress_message = "SBOM %s" % ctx.label,
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

sbom = rule(
    doc = "SPDX 2.3 JSON of an image, from the locks of its parts and what its layers say. Name, version and digest are those of the image.",
    implementation = _sbom_impl,
    attrs = {
        "image": attr.label(mandatory = True, allow_single_file = True),
        "parts": attr.label(mandatory = True, providers = [ImagePartsInfo], doc = "the parts of the image"),
        "_debian_lock": attr.label(default = "//bazel/debian:lock.json", allow_single_file = True),
        "_tool": attr.label(default = "//release:sbom", executable = True, cfg = "exec"),
    },
)
