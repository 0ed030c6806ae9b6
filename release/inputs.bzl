"""The files of this repository that an image is made of."""

SourcesInfo = provider(doc = "Source files below a target.", fields = {"files": "depset of File"})

# What a repository of WORKSPACE is made of here: a folder (with a slash at its end), or files. Others have no file here, or
# their locks are inputs themselves.
_REPOSITORIES = {
    "debian": ["bazel/debian/lock.json"],
    "debian_java": ["bazel/debian/java.json"],
    "go_modules": ["go.mod", "go.sum"],
    "rules_oci": ["bazel/rules_oci/"],
}

def _is_input(file):
    # The go command leaves tests out of a binary.
    return file.is_source and not file.path.endswith("_test.go") and "/testdata/" not in file.path

def _sources_impl(_target, ctx):
    own = []
    below = []
    for name in dir(ctx.rule.files):
        files = getattr(ctx.rule.files, name)
        own.extend([file for file in files if _is_input(file)] if type(files) == "list" else [])
    for name in dir(ctx.rule.attr):
        value = getattr(ctx.rule.attr, name)
        targets = value if type(value) == "list" else value.keys() if type(value) == "dict" else [value]
        below.extend([one[SourcesInfo].files for one in targets if type(one) == "Target" and SourcesInfo in one])
    return [SourcesInfo(files = depset(own, transitive = below))]

_sources = aspect(implementation = _sources_impl, attr_aspects = ["*"])

def _paths(files):
    """The paths in this repository that files come from."""
    paths = {}
    for file in files:
        if not file.path.startswith("external/"):
            paths[file.path] = None
            continue
        _, repository, rest = file.path.split("/", 2)
        for path in _REPOSITORIES.get(repository, []):
            paths[path + rest if path.endswith("/") else path] = None
    return sorted(paths)

def _image_inputs_impl(ctx):
    rows = {
        name: {"target": str(image.label), "inputs": _paths(image[SourcesInfo].files.to_list())}
        for image, name in ctx.attr.images.items()
    }
    out = ctx.actions.declare_file(ctx.label.name + ".json")
    ctx.actions.write(out, json.encode(rows))
    return [DefaultInfo(files = depset([out]), runfiles = ctx.runfiles([out]))]

image_inputs = rule(
    doc = "`<name>.json`: for each image its target, and the files in this repository that it is made of.",
    implementation = _image_inputs_impl,
    attrs = {"images": attr.label_keyed_string_dict(mandatory = True, aspects = [_sources], doc = "target to name")},
)
