"""The list of stages, read from the folders of //stages: a folder with a stage.textproto is a stage."""

_NEXT = "write it as in the contracts of the other stages"

def _image(contract, text):
    """The `image` of a contract: its value, on a line of its own."""
    for line in text.split("\n"):
        if line.startswith("image:"):
            name = line[len("image:"):].strip().strip('"')
            if name:
                return name
    fail('%s has no line `image: "sq-<stage>"`: %s' % (contract, _NEXT))

def _stages_impl(ctx):
    root = ctx.path(Label("//:WORKSPACE")).dirname.get_child("stages")
    folders = {}
    for folder in sorted([path.basename for path in root.readdir()]):
        if not root.get_child(folder).get_child("stage.textproto").exists:
            continue

        # By its label, so that Bazel reads the list again when the contract changes.
        contract = Label("//stages/%s:stage.textproto" % folder)
        image = _image("stages/%s/stage.textproto" % folder, ctx.read(ctx.path(contract)))
        if image in folders.values():
            fail("stages/%s/stage.textproto: image %s is that of another stage: give it another name" % (folder, image))
        folders["//stages/" + folder] = image
    ctx.file("BUILD.bazel", "")
    ctx.file("stages.bzl", "# Package of a stage to the name of its image.\nSTAGES = %s\n" % folders)

stages = repository_rule(
    doc = "`@stages//:stages.bzl` with STAGES: the package of each stage, and the name of its image from its contract.",
    implementation = _stages_impl,
    # bazelw names the contracts there are in SQ_STAGES: a new or removed folder changes it, and the list is read again.
    environ = ["SQ_STAGES"],
    local = True,
)
