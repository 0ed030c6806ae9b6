"""Third-party Go packages of the root go.mod: their build cache, their programs, and what linters need of them."""

load(":action.bzl", "COMPILER", "TOOLCHAIN", "run_go")

def _third_party_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    run_go(
        ctx,
        ctx.file._third_party,
        depset([struct(file = ctx.file.packages, path = ctx.file.packages.short_path)]),
        out,
        ctx.attr.std,
        "GoThirdParty",
        "Compiling third-party Go packages",
        goarch = ctx.attr.goarch,
    )
    return [DefaultInfo(files = depset([out]))]

go_third_party = rule(
    doc = "The build cache of every third-party package.",
    implementation = _third_party_impl,
    attrs = dict(
        TOOLCHAIN,
        goarch = attr.string(doc = "processor that they are for; default: this machine's, with the tools of go.mod"),
        packages = attr.label(mandatory = True, allow_single_file = [".go"], doc = "Go file that imports them"),
        std = attr.string_list(doc = "packages of the standard library that tests use"),
        _third_party = attr.label(default = "//bazel/go:third_party.sh", allow_single_file = True),
    ),
)

def _tool_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name)
    run_go(
        ctx,
        ctx.file._build,
        depset([struct(file = ctx.file._packages, path = ctx.file._packages.short_path)]),
        out,
        ["build", "-ldflags=-s -w -buildid=", ctx.attr.package],
        "GoTool",
        "Linking Go tool %s" % ctx.label,
        ctx.file._gocache,
    )
    return [DefaultInfo(executable = out, files = depset([out]))]

go_tool = rule(
    doc = "A main package of a third-party module, named by a tool line of go.mod.",
    implementation = _tool_impl,
    executable = True,
    attrs = dict(
        COMPILER,
        package = attr.string(mandatory = True),
        _packages = attr.label(default = "//bazel/go:thirdparty.go", allow_single_file = True),
    ),
)

def _facts_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    run_go(
        ctx,
        ctx.file._facts,
        depset([struct(file = ctx.file._packages, path = ctx.file._packages.short_path)]),
        out,
        [ctx.file._staticcheck],
        "GoFacts",
        "Linter facts about third-party Go packages",
        ctx.file._gocache,
        tools = [ctx.file._staticcheck],
    )
    return [DefaultInfo(files = depset([out]))]

go_facts = rule(
    doc = "The facts of linters about third-party packages, so that they read only first-party ones.",
    implementation = _facts_impl,
    attrs = dict(
        COMPILER,
        _facts = attr.label(default = "//bazel/go:facts.sh", allow_single_file = True),
        _packages = attr.label(default = "//bazel/go:thirdparty.go", allow_single_file = True),
        _staticcheck = attr.label(default = "//bazel/go:staticcheck", allow_single_file = True),
    ),
)
