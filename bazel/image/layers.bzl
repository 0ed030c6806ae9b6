"""Layers: Debian packages, wheels, and files of this repository."""

_PYTHON = "/usr/bin/python3.11"

def _tools(name):
    """Attributes of one kind of layer. Each kind has its own tool, so that a change rebuilds only this kind."""
    return {"_tools": attr.label(default = "//bazel/image:%s_tools" % name)}

def _run(ctx, tool, arguments, inputs, out, mnemonic):
    """Runs a tool on the interpreter of the images, because it writes their byte code."""
    path = [file.path for file in ctx.files._tools if file.basename == tool][0]
    ctx.actions.run(
        executable = _PYTHON,
        arguments = ["-B", "-s", "-S", path, arguments],
        inputs = depset(ctx.files._tools, transitive = [inputs]),
        outputs = [out],
        # Byte code stores sets in the order of their hashes.
        env = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "PYTHONHASHSEED": "0", "TZ": "UTC"},
        mnemonic = mnemonic,
        progress_message = "Layer %s" % ctx.label,
    )

def _layer(ctx, compression = "gz"):
    return ctx.actions.declare_file(ctx.label.name + ".tar." + compression)

def _provide(out):
    return [DefaultInfo(files = depset([out]))]

def _debian_layer_impl(ctx):
    out = _layer(ctx)
    arguments = ctx.actions.args()
    arguments.add("--out", out)
    arguments.add_all(ctx.files.packages)
    _run(ctx, "debian_layer.py", arguments, depset(ctx.files.packages), out, "DebianLayer")
    return _provide(out)

debian_layer = rule(
    doc = "Debian packages as a layer, with their entries in var/lib/dpkg/status.d and their Python compiled.",
    implementation = _debian_layer_impl,
    attrs = dict(
        packages = attr.label_list(allow_files = [".deb"], mandatory = True),
        **_tools("debian")
    ),
)

def _wheels_layer_impl(ctx):
    out = _layer(ctx, "zst")
    arguments = ctx.actions.args()
    arguments.add("--out", out)
    arguments.add("--site", ctx.file.site.path)
    arguments.add("--library", ctx.file._library.path)
    arguments.add_all(ctx.files.locks, before_each = "--lock")
    arguments.add_all(ctx.files.without, before_each = "--without")
    inputs = depset([ctx.file.site, ctx.file._library] + ctx.files.locks + ctx.files.without)
    _run(ctx, "wheels_layer.py", arguments, inputs, out, "WheelsLayer")
    return _provide(out)

wheels_layer = rule(
    doc = "The wheels of `locks` that are not in `without`, at /app/site.",
    implementation = _wheels_layer_impl,
    attrs = dict(
        locks = attr.label_list(allow_files = [".lock"], mandatory = True),
        site = attr.label(allow_single_file = True, default = "@wheels_stages//:site"),
        without = attr.label_list(allow_files = [".lock"], doc = "locks whose wheels are in a lower layer"),
        _library = attr.label(allow_single_file = True, default = "@wheels_stages//:site"),
        **_tools("wheels")
    ),
)

def _write_layer(ctx, lines, inputs, executables = [], folders = []):
    out = _layer(ctx)
    listing = ctx.actions.declare_file(ctx.label.name + ".files")
    ctx.actions.write(listing, "".join([line + "\n" for line in lines]))
    arguments = ctx.actions.args()
    arguments.add("--out", out)
    arguments.add("--files", listing)
    arguments.add_all(executables, before_each = "--executable")
    arguments.add_all(folders, before_each = "--folder")
    _run(ctx, "files_layer.py", arguments, depset([listing], transitive = [inputs]), out, "FilesLayer")
    return _provide(out)

def _pairs(targets, prefix = ""):
    return ["%s\t%s" % (target.files.to_list()[0].path, prefix + path) for target, path in targets.items()]

def _files_layer_impl(ctx):
    return _write_layer(
        ctx,
        _pairs(ctx.attr.files),
        depset(ctx.files.files),
        executables = ctx.attr.executables,
        folders = ctx.attr.folders,
    )

files_layer = rule(
    doc = "Files, each at the path given, without a leading slash.",
    implementation = _files_layer_impl,
    attrs = dict(
        executables = attr.string_list(doc = "paths that get mode 0755"),
        files = attr.label_keyed_string_dict(allow_files = True),
        folders = attr.string_list(doc = "path:mode:uid:gid"),
        **_tools("files")
    ),
)

def _runfiles_path(file, workspace):
    path = file.short_path
    return path[len("../"):] if path.startswith("../") else workspace + "/" + path

def _is_first_party(file):
    return not (file.owner and file.owner.workspace_name.startswith("wheels_"))

def _module_path(path, roots):
    """The path of a file below its import root, by which Python imports it."""
    for root in roots:
        if path.startswith(root + "/"):
            return path[len(root) + 1:]
    return None

def _python_layer_impl(ctx):
    roots = depset(transitive = [dep[PyInfo].imports for dep in ctx.attr.deps]).to_list()

    # The longest root first, because one root may be below another. Bazel 4 cannot sort by a key.
    roots = [root for _, root in reversed(sorted([(len(root), root) for root in roots]))]
    sources = depset(transitive = [dep[PyInfo].transitive_sources for dep in ctx.attr.deps] +
                                  [dep[DefaultInfo].default_runfiles.files for dep in ctx.attr.deps])
    lines = []
    inputs = []
    for file in sources.to_list():
        path = _module_path(_runfiles_path(file, ctx.workspace_name), roots)

        # Only files that a package can import. The macro adds a stage's contract, which is beside the package.
        if _is_first_party(file) and path and "/" in path and file.extension != "pyi":
            lines.append("%s\tapp/%s" % (file.path, path))
            inputs.append(file)
    return _write_layer(
        ctx,
        sorted(lines) + _pairs(ctx.attr.files, "app/"),
        depset(inputs + ctx.files.files),
        executables = ["app/" + path for path in ctx.attr.files.values() if path.startswith("bin/")],
    )

python_layer = rule(
    doc = "First-party packages at /app, by their import paths, and further files.",
    implementation = _python_layer_impl,
    attrs = dict(
        deps = attr.label_list(providers = [PyInfo]),
        files = attr.label_keyed_string_dict(allow_files = True, doc = "path below /app; those in bin/ are executable"),
        **_tools("files")
    ),
)
