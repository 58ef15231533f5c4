"""What can be said of an address without the server that would listen there."""


class CannotListen(Exception):
    """The address is taken or not of this machine; the text is one sentence that says what to do."""
