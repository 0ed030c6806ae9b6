"""The bill of materials of an image."""

def _sbom_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name + ".json")
    arguments = ctx.actions.args()
    arguments.add("--image", ctx.file.image.path)
    arguments.add("--debian-lock", ctx.file._debian_lock)
    arguments.add_all(ctx.attr.debian, before_each = "--debian")
    arguments.add_all(ctx.files.wheels, before_each = "--wheels")
    arguments.add_all(ctx.files.go, before_each = "--go")
    arguments.add("--out", out)
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [arguments],
        inputs = [ctx.file.image, ctx.file._debian_lock] + ctx.files.wheels + ctx.files.go,
        outputs = [out],
        mnemonic = "Sbom",
        progress_message = "SBOM %s" % ctx.label,
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

sbom = rule(
    doc = "SPDX 2.3 JSON of an image, out of the locks it is made from; name, version and digest are the image's own.",
    implementation = _sbom_impl,
    attrs = {
        "debian": attr.string_list(doc = "Debian packages in it"),
        "go": attr.label_list(allow_files = True, doc = "Go binaries in it"),
        "image": attr.label(mandatory = True, allow_single_file = True),
        "wheels": attr.label_list(allow_files = [".lock"], doc = "the locks of its wheels"),
        "_debian_lock": attr.label(default = "//bazel/debian:lock.json", allow_single_file = True),
        "_tool": attr.label(default = "//release:sbom", executable = True, cfg = "exec"),
    },
)
