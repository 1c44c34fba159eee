"""An HTTP client that calls an ASGI application in process, byte for byte as a server would."""
