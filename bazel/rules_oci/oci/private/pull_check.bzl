"""Finds wrong attributes and layouts of oci_pull. It is apart from the rule, so that tests can call it."""

# Attributes with which the original reads a registry, and their values that have no effect here.
_NOT_IMPLEMENTED = {
    "bazel_tags": [],
    "config": [],
    "is_bzlmod": [False],
    "platforms": [],
    "registry": [],
    "registry_mirrors": [],
    "repository": [],
    "reproducible": [True],
    "tag": [],
    "www_authenticate_challenges": [],
}

def pull_problem(image, digest, others):
    """What is wrong with the attributes, or None.

    Args:
      image: file:// and a folder.
      digest: of the manifest.
      others: attributes by name that the original has besides.

    Returns:
      the message.
    """
    for name, value in others.items():
        if name not in _NOT_IMPLEMENTED:
            return "'%s' is no attribute of oci_pull" % name
        if value and value not in _NOT_IMPLEMENTED[name]:
            return "'%s' is not implemented: this oci_pull reads a layout on disk alone, image = \"file:///…\"" % name
    if not image or not image.startswith("file://"):
        return "'image' must be file:// and the folder of an OCI layout, not %s" % image
    if not digest:
        return "'digest' is mandatory: the base would else change unnoticed"
    return None

def index_problem(image, digest, index):
    """What is wrong with the index.json of a layout, or None.

    Args:
      image: the attribute.
      digest: that the layout shall have.
      index: text of its index.json.

    Returns:
      the message.
    """
    found = [manifest["digest"] for manifest in json.decode(index)["manifests"]]
    return None if found == [digest] else "%s holds %s, not %s" % (image, ", ".join(found) or "nothing", digest)
