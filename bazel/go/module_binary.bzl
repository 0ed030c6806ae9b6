"""A third-party Go program from a go.mod of its own."""

load(":action.bzl", "run_go")

def _module_binary_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name)
    run_go(
        ctx,
        ctx.file._build,
        depset(),
        out,
        ["build", "-ldflags=-s -w -buildid=", ctx.attr.package],
        "GoModuleBinary",
        "Compiling %s" % ctx.attr.package,
    )
    return [DefaultInfo(executable = out, files = depset([out]))]

go_module_binary = rule(
    doc = "A third-party program with its own go.mod, whose versions are independent of the root go.mod.",
    implementation = _module_binary_impl,
    executable = True,
    attrs = {
        "go_mod": attr.label(mandatory = True, allow_single_file = True),
        "go_sum": attr.label(mandatory = True, allow_single_file = True),
        "modules": attr.label(mandatory = True, allow_single_file = True, doc = "marker of its go_modules repository"),
        "package": attr.string(mandatory = True),
        "_build": attr.label(default = "//bazel/go:build.sh", allow_single_file = True),
        "_env": attr.label(default = "//bazel/go:env.sh", allow_single_file = True),
        "_sdk": attr.label(default = "@go_sdk//:goroot", allow_single_file = True),
    },
)
