"""What ends the reading of a body whose client is gone."""


class ClientDisconnectedError(Exception):
    """The client left while its body was read: nobody is there to be answered."""
