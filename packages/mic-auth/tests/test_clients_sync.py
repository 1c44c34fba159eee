from mic.auth._clients_sync import open_client


def test_a_client_is_opened() -> None:
    with open_client() as client:
        assert not client.is_closed
