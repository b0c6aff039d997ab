"""The `deskhand` command and the supervisor. The top layer: it may call everything, nothing calls it."""
