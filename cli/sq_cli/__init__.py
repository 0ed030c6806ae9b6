"""`sq`: runs the pipeline on this machine and shows what it found."""
