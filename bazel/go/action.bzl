"""Runs the go command in the sandbox."""

GoSourcesInfo = provider(
    doc = "First-party Go sources.",
    fields = {"sources": "depset of struct(file, path): where each file lies in the module"},
)

TOOLCHAIN = {
    "_env": attr.label(default = "//bazel/go:env.sh", allow_single_file = True),
    "_go_mod": attr.label(default = "//:go.mod", allow_single_file = True),
    "_go_sum": attr.label(default = "//:go.sum", allow_single_file = True),
    "_modules": attr.label(default = "@go_modules//:modules", allow_single_file = True),
    "_sdk": attr.label(default = "@go_sdk//:goroot", allow_single_file = True),
}

COMPILER = dict(
    TOOLCHAIN,
    _build = attr.label(default = "//bazel/go:build.sh", allow_single_file = True),
    _gocache = attr.label(default = "//bazel/go:third_party", allow_single_file = True),
)

def _line(source):
    return "%s\t%s" % (source.file.path, source.path)

def run_go(ctx, script, sources, out, arguments, mnemonic, message, gocache = None, tools = [], goarch = ""):
    """Runs a script of //bazel/go in a module made of sources and go.mod.

    Args:
      ctx: of a rule whose attributes include TOOLCHAIN, or that names its own go_mod, go_sum and modules.
      script: file to run.
      sources: depset of struct(file, path), as in GoSourcesInfo.
      out: file or directory that the script writes. It gets the path before the arguments.
      arguments: for the script.
      mnemonic: of the action.
      message: shown while it runs.
      gocache: build cache of the third-party packages.
      tools: programs that the script calls.
      goarch: processor to compile for; default: this machine's.
    """
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
    if goarch:
        environment["GOARCH"] = goarch
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
