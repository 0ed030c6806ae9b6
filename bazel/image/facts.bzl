"""What an image takes from the contracts of its stages."""

def _facts_impl(ctx):
    outs = {"--entrypoint": ctx.outputs.entrypoint, "--labels": ctx.outputs.labels, "--tags": ctx.outputs.repo_tags}
    arguments = ctx.actions.args()
    arguments.add_all(ctx.files.contracts, before_each = "--contract")
    arguments.add_all(ctx.attr.programs, before_each = "--program")
    arguments.add("--version", ctx.attr.version)
    for flag, out in outs.items():
        arguments.add(flag, out)
    ctx.actions.run(
        executable = ctx.executable._tool,
        arguments = [arguments],
        inputs = ctx.files.contracts,
        outputs = outs.values(),
        mnemonic = "StageFacts",
        progress_message = "Contracts of %s" % ctx.label,
    )

stage_facts = rule(
    doc = "Entry point, labels and tag of an image, from the contracts of its stages. Fails if these do not fit.",
    implementation = _facts_impl,
    attrs = {
        "contracts": attr.label_list(mandatory = True, allow_files = [".textproto"]),
        "entrypoint": attr.output(mandatory = True),
        "labels": attr.output(mandatory = True),
        "programs": attr.string_list(mandatory = True),
        "repo_tags": attr.output(mandatory = True),
        "version": attr.string(mandatory = True),
        "_tool": attr.label(default = "//bazel/image:contract", executable = True, cfg = "exec"),
    },
)
