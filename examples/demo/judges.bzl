"""The sample shop's judges as a folder, trained in the build."""

def _judges_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    sample = ctx.file.sample
    ctx.actions.run(
        executable = ctx.executable._trainer,
        arguments = [sample.path, out.path],
        inputs = [sample],
        outputs = [out],
        mnemonic = "TrainJudges",
        progress_message = "Training judges for %s" % sample.short_path,
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles(files = [out]))]

trained_judges = rule(
    doc = "One folder with an unsigned model for each market; it has the target's name.",
    implementation = _judges_impl,
    attrs = {
        "sample": attr.label(mandatory = True, allow_single_file = True, doc = "folder of the sample shop"),
        # The stages that train are those that the demo runs: built once, for the target.
        "_trainer": attr.label(default = "//examples/demo:train", cfg = "target", executable = True),
    },
)
