"""Go targets: one root go.mod, the go command in the sandbox.

Third-party packages are compiled once, by an action that sees go.mod, go.sum and thirdparty.go alone; each binary and test
compiles first-party packages on top of that.
"""

GoSourcesInfo = provider(
    doc = "First-party Go sources.",
    fields = {"sources": "depset of struct(file, path): where each file lies in the module"},
)

_TOOLCHAIN = {
    "_env": attr.label(default = "//bazel/go:env.sh", allow_single_file = True),
    "_go_mod": attr.label(default = "//:go.mod", allow_single_file = True),
    "_go_sum": attr.label(default = "//:go.sum", allow_single_file = True),
    "_modules": attr.label(default = "@go_modules//:modules", allow_single_file = True),
    "_sdk": attr.label(default = "@go_sdk//:goroot", allow_single_file = True),
}

_COMPILER = dict(
    _TOOLCHAIN,
    _build = attr.label(default = "//bazel/go:build.sh", allow_single_file = True),
    _gocache = attr.label(default = "//bazel/go:third_party", allow_single_file = True),
)

def _line(source):
    return "%s\t%s" % (source.file.path, source.path)

def _run_go(ctx, script, sources, out, arguments, mnemonic, message, gocache = None, tools = []):
    """Runs script with a module of the sources given and go.mod."""
    go_mod = getattr(ctx.file, "go_mod", None) or ctx.file._go_mod
    go_sum = getattr(ctx.file, "go_sum", None) or ctx.file._go_sum
    modules = getattr(ctx.file, "modules", None) or ctx.file._modules
    module = depset([
        struct(file = go_mod, path = "go.mod"),
        struct(file = go_sum, path = "go.sum"),
    ], transitive = [sources])
    lines = ctx.actions.args()
    lines.add_all(module, map_each = _line)
    lines.set_param_file_format("multiline")
    lines.use_param_file("%s", use_always = True)
    rest = ctx.actions.args()
    rest.add_all([out], expand_directories = False)
    rest.add_all(arguments)
    environment = {
        "LANG": "C.UTF-8",
        "PATH": "/usr/local/bin:/usr/bin:/bin",
        "SQ_ENV": ctx.file._env.path,
        "SQ_MODULES": modules.path,
        "SQ_SDK": ctx.file._sdk.path,
    }
    if gocache:
        environment["SQ_GOCACHE"] = gocache.path
    ctx.actions.run(
        executable = script,
        arguments = [lines, rest],
        inputs = [source.file for source in module.to_list()] +
                 [ctx.file._env, modules, ctx.file._sdk] + ([gocache] if gocache else []) + tools,
        outputs = [out],
        env = environment,
        mnemonic = mnemonic,
        progress_message = message,
    )

def _third_party_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    _run_go(
        ctx,
        ctx.file._third_party,
        depset([struct(file = ctx.file.packages, path = ctx.file.packages.short_path)]),
        out,
        ctx.attr.std,
        "GoThirdParty",
        "Compiling third-party Go packages",
    )
    return [DefaultInfo(files = depset([out]))]

go_third_party = rule(
    doc = "The build cache of every third-party package.",
    implementation = _third_party_impl,
    attrs = dict(
        _TOOLCHAIN,
        packages = attr.label(mandatory = True, allow_single_file = [".go"], doc = "Go file that imports them"),
        std = attr.string_list(doc = "packages of the standard library that tests use"),
        _third_party = attr.label(default = "//bazel/go:third_party.sh", allow_single_file = True),
    ),
)

def _sources(targets):
    return depset(transitive = [target[GoSourcesInfo].sources for target in targets])

def _library_impl(ctx):
    own = [struct(file = file, path = file.short_path) for file in ctx.files.srcs]
    return [
        DefaultInfo(files = depset(ctx.files.srcs)),
        GoSourcesInfo(sources = depset(own, transitive = [_sources(ctx.attr.deps)])),
    ]

sq_go_library = rule(
    doc = "Go files (tests and embedded files too) at their place in the module. Compiled where they are used.",
    implementation = _library_impl,
    attrs = {
        "deps": attr.label_list(providers = [GoSourcesInfo], doc = "what they import of this repository"),
        "srcs": attr.label_list(allow_files = True),
    },
)

def _compile(ctx, out, command):
    package = ctx.attr.package or ctx.label.package
    _run_go(
        ctx,
        ctx.file._build,
        _sources(ctx.attr.deps),
        out,
        command + ["./" + package],
        "GoCompile",
        "Compiling Go %s" % ctx.label,
        ctx.file._gocache,
    )
    return package

def _binary_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name)
    _compile(ctx, out, ["build", "-ldflags=-s -w -buildid="])
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
    attrs = dict(_COMPILER, **_PACKAGE),
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
    # Apart, so that the launcher and the test binary may share a name.
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
        _COMPILER,
        env = attr.string_dict(doc = "$(rootpath LABEL) is expanded for labels in data"),
        **_PACKAGE
    ),
)

def _tool_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name)
    _run_go(
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
        _COMPILER,
        package = attr.string(mandatory = True),
        _packages = attr.label(default = "//bazel/go:thirdparty.go", allow_single_file = True),
    ),
)

def _facts_impl(ctx):
    out = ctx.actions.declare_directory(ctx.label.name)
    _run_go(
        ctx,
        ctx.file._facts,
        depset([struct(file = ctx.file._packages, path = ctx.file._packages.short_path)]),
        out,
        [ctx.file._staticcheck],
        "GoFacts",
        "Learning about third-party Go packages for the linters",
        ctx.file._gocache,
        tools = [ctx.file._staticcheck],
    )
    return [DefaultInfo(files = depset([out]))]

go_facts = rule(
    doc = "What the linters know about third-party packages, so that they read first-party ones alone.",
    implementation = _facts_impl,
    attrs = dict(
        _COMPILER,
        _facts = attr.label(default = "//bazel/go:facts.sh", allow_single_file = True),
        _packages = attr.label(default = "//bazel/go:thirdparty.go", allow_single_file = True),
        _staticcheck = attr.label(default = "//bazel/go:staticcheck", allow_single_file = True),
    ),
)

def _module_binary_impl(ctx):
    out = ctx.actions.declare_file(ctx.label.name)
    _run_go(
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
    doc = "A third-party program out of a go.mod of its own, whose versions are apart from those of our code.",
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
