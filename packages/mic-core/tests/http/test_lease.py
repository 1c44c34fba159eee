import pytest

from mic.http._lease import Lease


@pytest.fixture
def released() -> list[str]:
    return []


@pytest.fixture
def lease(released: list[str]) -> Lease:
    return Lease(lambda: released.append("released"))


def test_given_up_while_nobody_uses_it(lease: Lease, released: list[str]) -> None:
    with lease.in_use():
        assert released == []
    assert released == []
    lease.close()
    assert released == ["released"]


def test_given_up_during_use_it_is_released_by_the_user(lease: Lease, released: list[str]) -> None:
    with lease.in_use():
        lease.close()
        assert released == []
    assert released == ["released"]


def test_an_error_of_the_user_releases_too(lease: Lease, released: list[str]) -> None:
    def use() -> None:
        with lease.in_use():
            lease.close()
            raise OSError("disk")

    with pytest.raises(OSError, match="disk"):
        use()
    assert released == ["released"]


def test_once_only(lease: Lease, released: list[str]) -> None:
    lease.close()
    lease.close()
    assert released == ["released"]


def test_no_use_after_it_was_given_up(lease: Lease) -> None:
    lease.close()
    with pytest.raises(ValueError, match="closed"), lease.in_use():
        pass
