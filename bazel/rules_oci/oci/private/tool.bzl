"""Runs the Python tools beside this file in actions."""

PYTHON = "/usr/bin/python3.11"

# Only the standard library, no packages of the machine or the user.
FLAGS = ["-B", "-E", "-s", "-S"]

TOOL_ATTRS = {
    "_tools": attr.label(default = "//oci/private:tools"),
}

def tool_path(ctx, name):
    """The path of a tool in an action or in a launcher's runfiles.

    Args:
      ctx: of the rule, which has TOOL_ATTRS.
      name: of the file.

    Returns:
      The File.
    """
    for file in ctx.files._tools:
        if file.basename == name:
            return file
    fail("unknown tool %s" % name)

def run_tool(ctx, name, arguments, inputs, outputs, mnemonic, message):
    """Runs one of the tools.

    Args:
      ctx: of the rule, which has TOOL_ATTRS.
      name: of the tool's file.
      arguments: an Args.
      inputs: the files it reads.
      outputs: the files it writes.
      mnemonic: of the action.
      message: shown while it runs.
    """
    ctx.actions.run(
        executable = PYTHON,
        arguments = FLAGS + [tool_path(ctx, name).path, arguments],
        inputs = depset(inputs + ctx.files._tools),
        outputs = outputs,
        env = {"LC_ALL": "C.UTF-8", "PATH": "/usr/bin:/bin", "TZ": "UTC"},
        mnemonic = mnemonic,
        progress_message = message,
    )
