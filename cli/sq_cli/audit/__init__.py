"""What a dearer judge would say of a finished run, from some of its queries."""
