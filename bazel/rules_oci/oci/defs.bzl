"""The rules that BUILD files load.

They have the interface of rules_oci 2.x. README.md lists the parts that are not implemented.
"""

load("//oci/private:digest.bzl", _digest = "digest")
load("//oci/private:image.bzl", _oci_image = "oci_image")
load("//oci/private:image_index.bzl", _oci_image_index = "oci_image_index")
load("//oci/private:load.bzl", _oci_load = "oci_load")
load("//oci/private:push.bzl", _oci_push = "oci_push")
load("//oci/private:write.bzl", "joined_file", "lines_file")

oci_image_rule = _oci_image
oci_image_index_rule = _oci_image_index
oci_load_rule = _oci_load
oci_push_rule = _oci_push

# Attributes of every rule, which the targets beside the main one get too.
_COMMON = [
    "compatible_with",
    "deprecation",
    "exec_compatible_with",
    "exec_properties",
    "features",
    "restricted_to",
    "tags",
    "target_compatible_with",
    "testonly",
    "toolchains",
    "visibility",
]

def _common(kwargs):
    return {key: kwargs[key] for key in _COMMON if key in kwargs}

def _escaped(elements):
    return [element.replace("\n", "%5Cn") for element in elements]

def _as_file(name, kind, value, common, escape = False):
    """The label of a file with one line for each entry of a dict or a list. Another value is a label already."""
    if type(value) == "dict":
        lines = ["%s=%s" % (key, entry) for key, entry in value.items()]
    elif type(value) == "list":
        lines = _escaped(value) if escape else value
    else:
        return value
    label = "%s_write_%s" % (name, kind)
    lines_file(name = label, out = "%s.%s.txt" % (name, kind), lines = lines, **common)
    return label

def _as_names(name, kind, value, common):
    """The label of a file with the names of a list, separated by commas. Another value is a label already."""
    if type(value) != "list":
        return value
    label = "%s_write_%s" % (name, kind)
    joined_file(name = label, out = "%s.%s.txt" % (name, kind), names = value, **common)
    return label

def oci_image(
        name,
        created = None,
        labels = None,
        annotations = None,
        env = None,
        cmd = None,
        entrypoint = None,
        exposed_ports = None,
        volumes = None,
        **kwargs):
    """An image: an OCI layout, a directory named after the target; and `<name>.digest`, a file with its digest.

    Args:
      name: of the image.
      created: a file with one RFC 3339 time and no line break. Default: the base's, and without a base 1970-01-01T00:00:00Z.
      labels: of the configuration: a dict, or a file of KEY=VALUE lines.
      annotations: of the manifest: a dict, or a file of KEY=VALUE lines.
      env: a dict, or a file of KEY=VALUE lines, merged with the base's; $KEY and ${KEY} stand for values set before,
        or for nothing.
      cmd: a list, or a file with one argument a line.
      entrypoint: a list, or a file with one argument a line. Resets the base's cmd.
      exposed_ports: a list like ["8080/tcp"], or a file of them, separated by commas.
      volumes: a list of folders, or a file of them, separated by commas.
      **kwargs: base, tars, user, workdir, os, architecture, variant, and what every rule has.
    """
    common = _common(kwargs)
    oci_image_rule(
        name = name,
        created = created,
        labels = _as_file(name, "labels", labels, common),
        annotations = _as_file(name, "annotations", annotations, common),
        env = _as_file(name, "env", env, common),
        cmd = _as_file(name, "cmd", cmd, common, escape = True),
        entrypoint = _as_file(name, "entrypoint", entrypoint, common, escape = True),
        exposed_ports = _as_names(name, "exposed_ports", exposed_ports, common),
        volumes = _as_names(name, "volumes", volumes, common),
        **kwargs
    )
    _digest(name = name + ".digest", image = name, out = name + ".json.sha256", **common)

def oci_image_index(name, annotations = None, **kwargs):
    """One index over images of several platforms, and `<name>.digest`.

    Args:
      name: of the index.
      annotations: of the index: a dict, or a file of KEY=VALUE lines.
      **kwargs: images, and what every rule has.
    """
    common = _common(kwargs)
    oci_image_index_rule(name = name, annotations = _as_file(name, "annotations", annotations, common), **kwargs)
    _digest(name = name + ".digest", image = name, out = name + ".json.sha256", **common)

def oci_load(name, repo_tags = None, **kwargs):
    """`bazel run` loads the image into the container engine of this machine; output group `tarball` is the archive.

    Args:
      name: of the target.
      repo_tags: names to load it under, like ["sq-report:latest"], or a .txt file with one on each line.
      **kwargs: image, format, loader, and what every rule has.
    """
    oci_load_rule(name = name, repo_tags = _as_file(name, "tags", repo_tags, _common(kwargs)), **kwargs)

def oci_push(name, remote_tags = None, **kwargs):
    """`bazel run` pushes the image by its digest, then tags it.

    Args:
      name: of the target.
      remote_tags: a list, or a file with one tag a line.
      **kwargs: image, repository or repository_file, and what every rule has.
    """
    oci_push_rule(name = name, remote_tags = _as_file(name, "tags", remote_tags, _common(kwargs)), **kwargs)
