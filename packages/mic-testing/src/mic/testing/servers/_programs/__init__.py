"""What runs in a process of its own: the servers that are written in Python."""
