"""The sample shop as a folder, made in the build."""

def _market_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    ctx.actions.run(
        executable = ctx.executable._generator,
        arguments = ["--out", out.path, "--seed", str(ctx.attr.seed), "--plant", ctx.attr.plant] +
                    (["--clicks"] if ctx.attr.clicks else []),
        outputs = [out],
        mnemonic = "SampleMarket",
        progress_message = "Making the sample shop %s" % ctx.label,
    )
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles(files = [out]))]

sample_market = rule(
    doc = "One folder with every file of the sample shop; it has the target's name.",
    implementation = _market_impl,
    attrs = {
        "clicks": attr.bool(doc = "what customers click, too, and sample-with-clicks.yaml, which reads it"),
        "plant": attr.string(mandatory = True, values = ["all", "none"], doc = "failures to plant"),
        "seed": attr.int(default = 7),
        "_generator": attr.label(default = "//examples/sample:generate", cfg = "exec", executable = True),
    },
)
