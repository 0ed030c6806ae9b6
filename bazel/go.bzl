"""Go targets of this repository: one root go.mod, and the go command in the sandbox.

One action compiles the third-party packages, from go.mod, go.sum and thirdparty.go alone. Each binary and each test
compiles first-party packages on top of that.
"""

load("//bazel/go:action.bzl", "COMPILER", "GoSourcesInfo", "run_go")

def _sources(targets):
    return depset(transitive = [target[GoSourcesInfo].sources for target in targets])

def _library_impl(ctx):
    own = [struct(file = file, path = file.short_path) for file in ctx.files.srcs]
    return [
        DefaultInfo(files = depset(ctx.files.srcs)),
        GoSourcesInfo(sources = depset(own, transitive = [_sources(ctx.attr.deps)])),
    ]

sq_go_library = rule(
    doc = "Go files of a package, with tests and embedded files. The targets that use them compile them.",
    implementation = _library_impl,
    attrs = {
        "deps": attr.label_list(providers = [GoSourcesInfo], doc = "packages of this repository that they import"),
        "srcs": attr.label_list(allow_files = True),
    },
)

def _compile(ctx, out, command, goarch = ""):
    package = ctx.attr.package or ctx.label.package
    run_go(
        ctx,
        ctx.file._build,
        _sources(ctx.attr.deps),
        out,
        command + ["./" + package],
        "GoCompile",
        "Compiling Go %s" % ctx.label,
        ctx.file._gocache,
        goarch = goarch,
    )
    return package

def _gocache(goarch):
    return Label("//bazel/go:third_party" + ("_" + goarch if goarch else ""))

def _binary_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name)
    _compile(ctx, out, ["build", "-ldflags=-s -w -buildid="], ctx.attr.goarch)
    return [DefaultInfo(executable = out, files = depset([out]), runfiles = ctx.runfiles(files = ctx.files.data))]

_PACKAGE = {
    "data": attr.label_list(allow_files = True),
    "deps": attr.label_list(providers = [GoSourcesInfo], mandatory = True),
    "package": attr.string(doc = "folder of the package in the repository; default: the target's own"),
}

sq_go_binary = rule(
    doc = "A static binary of one main package.",
    implementation = _binary_impl,
    executable = True,
    attrs = dict(
        dict(COMPILER, _gocache = attr.label(default = _gocache, allow_single_file = True)),
        goarch = attr.string(doc = "processor that it is for, such as arm64; default: this machine's"),
        **_PACKAGE
    ),
)

_TEST = """\
#!/bin/bash
cd "$TEST_SRCDIR/$TEST_WORKSPACE" || exit 1
export SQ_RUNFILES=$PWD
test=$PWD/{test}
mkdir -p {package} && cd {package} || exit 1
exec "$test" -test.v {flags}"$@"
"""

def _test_impl(ctx):
    # Two names, so that the launcher and the test binary do not collide.
    test = ctx.actions.declare_file(ctx.label.name + ".test")
    package = _compile(ctx, test, ["test", "-c"])
    launcher = ctx.actions.declare_file(ctx.label.name)
    ctx.actions.write(launcher, _TEST.format(
        flags = "",
        package = package,
        test = test.short_path,
    ), is_executable = True)
    runfiles = ctx.runfiles(files = [test] + ctx.files.data)
    for target in ctx.attr.data:
        runfiles = runfiles.merge(target[DefaultInfo].default_runfiles)
    return [
        DefaultInfo(executable = launcher, runfiles = runfiles),
        testing.TestEnvironment({
            key: ctx.expand_location(value, ctx.attr.data)
            for key, value in ctx.attr.env.items()
        }),
    ]

sq_go_test = rule(
    doc = "The tests of one package, run in its folder.",
    implementation = _test_impl,
    test = True,
    attrs = dict(
        COMPILER,
        env = attr.string_dict(doc = "$(rootpath LABEL) is expanded for labels in data"),
        **_PACKAGE
    ),
)
