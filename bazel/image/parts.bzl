"""What an image is made of, for those who list, check and release images."""

ImagePartsInfo = provider(
    doc = "What lies in an image, by origin.",
    fields = {
        "debian": "list of names of Debian packages",
        "go": "depset of Go binaries",
        "limit_mib": "most MiB that its layers may have, compressed; 0 for no limit",
        "requirements": "depset of files that pin its wheels",
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
    )]

image_parts = rule(
    doc = "Says what an image is made of. Called like the image, with .parts behind.",
    implementation = _image_parts_impl,
    attrs = {
        "debian": attr.string_list(doc = "Debian packages in it"),
        "go": attr.label_list(allow_files = True, doc = "Go binaries in it"),
        "limit_mib": attr.int(doc = "most MiB that its layers may have, compressed"),
        "of": attr.label_list(providers = [ImagePartsInfo], doc = "parts of other images that are all in it"),
        "requirements": attr.label_list(allow_files = [".txt"], doc = "files that pin its wheels"),
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
    doc = "One requirements.txt of everything that locks pin.",
    implementation = _requirements_impl,
    attrs = {
        "locks": attr.label_list(allow_files = [".lock"], mandatory = True),
        "out": attr.output(mandatory = True),
        "_tool": attr.label(default = "//bazel/image:requirements", executable = True, cfg = "exec"),
    },
)
