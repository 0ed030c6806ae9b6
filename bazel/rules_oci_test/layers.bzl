"""Small layers for the tests, in every format of a layer."""

_FORMS = {
    "tar": ("", "cat {tar} > $@"),
    "gzip": (".gz", "gzip -n < {tar} > $@"),
    "zstd": (".zst", "zstd -q -c {tar} > $@"),
}

def layer(name, file, content, form = "tar", out = None):
    """A layer with one file.

    Args:
      name: of the target.
      file: path in the layer.
      content: of the file.
      form: tar, gzip or zstd.
      out: name of the file; default: the name and the extension of its form.
    """
    extension, command = _FORMS[form]
    native.genrule(
        name = name,
        outs = [out or name + ".tar" + extension],
        cmd = " && ".join([
            "root=$$(mktemp -d)",
            "mkdir -p $$root/$$(dirname %s)" % file,
            "printf %%s '%s' > $$root/%s" % (content, file),
            "chmod -R u=rwX,go=rX $$root",
            "tar --sort=name --mtime=@0 --owner=0 --group=0 --numeric-owner -C $$root -cf $$root.tar .",
            command.format(tar = "$$root.tar"),
        ]),
    )
