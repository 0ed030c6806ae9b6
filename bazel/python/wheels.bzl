"""Wheels of one lock, installed as one tree."""

UV_VERSION = "0.13.9"

_BUILD = """\
# One label for the whole tree: a file each would cost every test seconds.
py_library(
    name = "pkgs",
    data = ["site"],
    imports = ["site"],
    visibility = ["//visibility:public"],
)

exports_files(["site", "wheels.sha256"])
"""

def _run(ctx, arguments, environment = {}):
    result = ctx.execute(arguments, environment = environment, timeout = 1800)
    if result.return_code:
        fail("%s:\n%s%s" % (" ".join([str(a) for a in arguments]), result.stdout, result.stderr))
    return result.stdout

def _uv(ctx):
    """The pinned uv: from PATH when it is that version, else from PyPI by the hashes in uv.lock."""
    found = ctx.which("uv")
    if found:
        said = ctx.execute([found, "--version"])
        if said.return_code == 0 and said.stdout.split(" ")[1].strip() == UV_VERSION:
            return found
    _run(ctx, [
        ctx.attr.python,
        "-m",
        "pip",
        "install",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
        "--target=uv",
        "--requirement",
        ctx.path(ctx.attr.uv_lock),
    ])
    return ctx.path("uv/bin/uv")

def _download(ctx, lock):
    """Downloads the wheels that fit this machine, and keeps their sums. Returns the flags with which uv takes exactly these.

    A lock has the hashes of all files of a version, and uv does not say which one it installs.
    """
    _run(ctx, [
        ctx.attr.python,
        "-m",
        "pip",
        "download",
        "--quiet",
        "--no-deps",
        "--require-hashes",
        "--only-binary=:all:",
        "--dest=wheels",
        "--requirement",
        lock,
    ])
    files = sorted([path.basename for path in ctx.path("wheels").readdir()])
    lines = [
        _run(ctx, ["sha256sum", "wheels/" + file]).split(" ")[0] + "  " + file
        for file in files
    ]
    ctx.file("wheels.sha256", "".join([line + "\n" for line in lines]), executable = False)
    return ["--no-index", "--find-links=wheels"]

def _wheels_impl(ctx):
    lock = ctx.path(ctx.attr.lock)
    source = _download(ctx, lock) if ctx.attr.sums else []
    sdists = ["--no-binary=" + name for name in ctx.attr.sdists]
    if sdists:
        sdists.append("--build-constraints=%s" % ctx.path(ctx.attr.sdist_lock))
    _run(ctx, [
        _uv(ctx),
        "pip",
        "install",
        "--quiet",
        "--no-config",
        "--require-hashes",
        "--no-deps",
        "--only-binary=:all:",
        "--python=" + ctx.attr.python,
        "--target=site",
        "--requirement",
        lock,
    ] + source + sdists)
    if source:
        # uv notes the times of files that it installs from a folder.
        _run(ctx, ["sh", "-c", "rm site/*.dist-info/uv_cache.json && sed -i '/uv_cache\\.json,/d' site/*.dist-info/RECORD"])
        ctx.delete("wheels")

    # Locks of uv's own and entry points, whose first line holds this machine's paths, are no part of the tree.
    ctx.delete("site/.lock")

    # unchecked-hash: no file times in the byte code, and none read when a test starts.
    _run(ctx, [ctx.attr.python, "-m", "compileall", "-q", "-j", "2", "--invalidation-mode", "unchecked-hash", "-s", ctx.path("."), "site"], {
        "PYTHONDONTWRITEBYTECODE": "",
        "PYTHONHASHSEED": "0",
    })
    ctx.file("BUILD.bazel", _BUILD)

wheels = repository_rule(
    doc = "Installs the wheels of a hash-checked requirements file; `@name//:pkgs` is a py_library of all of them.",
    implementation = _wheels_impl,
    attrs = {
        "lock": attr.label(mandatory = True, allow_single_file = True),
        "python": attr.string(default = "/usr/bin/python3.11"),
        "sdist_lock": attr.label(default = "//bazel/python/locks:sdist.lock", allow_single_file = True),
        "sdists": attr.string_list(doc = "distributions that are not to be had built; sdist.lock names what builds them"),
        "sums": attr.bool(doc = "also `@name//:wheels.sha256`: the file of each wheel, as sha256sum writes it; not with sdists"),
        "uv_lock": attr.label(default = "//bazel/python/locks:uv.lock", allow_single_file = True),
    },
)
