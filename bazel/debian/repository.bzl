"""The Debian packages of lock.json."""

_APT_HELPER = "/usr/lib/apt/apt-helper"

_GONE = """\

{package} {version} is on none of these mirrors any more:
  {mirrors}
Security updates replace a version there. Either
  bazelw run //bazel/debian:lock            moves to the versions the mirror has now, or
  put the file with the sha256
  {sha256}
  under that name into {blobs} (SQ_BLOBS), from another machine or from the archive of snapshots that Debian keeps.
"""

def _blobs(ctx):
    given = ctx.os.environ.get("SQ_BLOBS")
    return given if given else ctx.os.environ.get("HOME", "/root") + "/.cache/sq-bazel/blobs"

def _mirrors(ctx):
    """Where this machine's apt gets packages, asked of apt itself."""
    found = ctx.execute(["apt-get", "indextargets", "--format", "$(SITE)"])
    own = found.stdout.split("\n") if found.return_code == 0 else []
    return [site for site in depset(own).to_list() if site]

def _has(ctx, path, sha256):
    said = ctx.execute(["sha256sum", path])
    return said.return_code == 0 and said.stdout.split(" ")[0].lstrip("\\") == sha256

def _from_mirrors(ctx, entry, mirrors, file):
    """Fetches by apt, with its proxies and credentials."""
    for mirror in mirrors:
        url = mirror + "/" + entry["filename"]
        ctx.execute([_APT_HELPER, "download-file", url, file, "SHA256:" + entry["sha256"]], timeout = 300)
        if _has(ctx, file, entry["sha256"]):
            return True
    return False

def _fetch(ctx, entry, mirrors, blobs):
    file = entry["package"] + ".deb"
    blob = blobs + "/" + entry["sha256"]
    if _has(ctx, blob, entry["sha256"]):
        ctx.execute(["cp", blob, file])
        return
    if not _from_mirrors(ctx, entry, mirrors, file):
        fail(_GONE.format(blobs = blobs, mirrors = "\n  ".join(mirrors), **entry))

    # Kept for the day the mirror drops it. By a rename, as two builds may do this at once.
    kept = ctx.execute(["sh", "-c", 'mkdir -p "$1" && cp "$2" "$3.$$" && mv "$3.$$" "$3"', "sh", blobs, file, blob])
    if kept.return_code:
        fail("cannot keep %s: %s" % (blob, kept.stderr))

def _unpack(ctx, file):
    done = ctx.execute(["dpkg-deb", "--extract", file, "root"])
    if done.return_code:
        fail("cannot unpack %s: %s" % (file, done.stderr))
    ctx.delete(file)

def _debian_packages_impl(ctx):
    entries = json.decode(ctx.read(ctx.attr.lock))
    mirrors = _mirrors(ctx)
    for entry in entries:
        ctx.report_progress("Fetching %s %s" % (entry["package"], entry["version"]))
        _fetch(ctx, entry, mirrors, _blobs(ctx))
        if ctx.attr.unpack:
            _unpack(ctx, entry["package"] + ".deb")
    if ctx.attr.unpack:
        # Links into packages that are not among these; Bazel refuses a link that leads nowhere.
        done = ctx.execute(["find", "-L", "root", "-type", "l", "-delete"])
        if done.return_code:
            fail("cannot remove broken links: %s" % done.stderr)
    exported = '["root"]' if ctx.attr.unpack else 'glob(["*.deb"])'
    ctx.file("BUILD.bazel", 'exports_files(%s, visibility = ["//visibility:public"])\n' % exported)

debian_packages = repository_rule(
    doc = "`@name//:PACKAGE.deb` for each entry of the lock, from the folder of kept files or a mirror; or all in `root`.",
    implementation = _debian_packages_impl,
    attrs = {
        "lock": attr.label(mandatory = True, allow_single_file = True),
        "unpack": attr.bool(doc = "unpack all packages into the folder `root`, for programs that tests start"),
    },
    environ = ["SQ_BLOBS"],
)
