"""The parts of an image, for targets that list, check and release images."""

ImagePartsInfo = provider(
    doc = "The content of an image, by origin.",
    fields = {
        "debian": "list of names of Debian packages",
        "go": "depset of Go binaries",
        "limit_mib": "largest compressed size of its layers in MiB; 0 for no limit",
        "requirements": "depset of files that pin its wheels",
        "wheel_sums": "depset of files with the sums of the wheels that were installed",
    },
)

def _image_parts_impl(ctx):
    others = [other[ImagePartsInfo] for other in ctx.attr.of]
    debian = {name: None for other in others for name in other.debian}
    debian.update({name: None for name in ctx.attr.debian})
    return [ImagePartsInfo(
        debian = debian.keys(),
        go = depset(ctx.files.go, transitive = [other.go for other in others]),
        limit_mib = ctx.attr.limit_mib,
        requirements = depset(ctx.files.requirements, transitive = [other.requirements for other in others]),
        wheel_sums = depset(ctx.files.wheel_sums, transitive = [other.wheel_sums for other in others]),
    )]

image_parts = rule(
    doc = "The parts of an image. Its name is that of the image and .parts.",
    implementation = _image_parts_impl,
    attrs = {
        "debian": attr.string_list(doc = "Debian packages in it"),
        "go": attr.label_list(allow_files = True, doc = "Go binaries in it"),
        "limit_mib": attr.int(doc = "largest compressed size of its layers in MiB"),
        "of": attr.label_list(providers = [ImagePartsInfo], doc = "parts of images that are all in it"),
        "requirements": attr.label_list(allow_files = [".txt"], doc = "files that pin its wheels"),
        "wheel_sums": attr.label_list(allow_files = [".sha256"], doc = "sums of the installed wheels"),
    },
)

def _requirements_impl(ctx):
    arguments = ctx.actions.args()
    arguments.add(ctx.outputs.out)
    arguments.add_all(ctx.files.locks)
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [arguments],
        inputs = ctx.files.locks,
        outputs = [ctx.outputs.out],
        mnemonic = "Requirements",
        progress_message = "Requirements %s" % ctx.label,
    )

requirements = rule(
    doc = "One requirements.txt of all wheels that locks pin.",
    implementation = _requirements_impl,
    attrs = {
        "locks": attr.label_list(allow_files = [".lock"], mandatory = True),
        "out": attr.output(mandatory = True),
        "_tool": attr.label(default = "//bazel/image:requirements", executable = True, cfg = "exec"),
    },
)
