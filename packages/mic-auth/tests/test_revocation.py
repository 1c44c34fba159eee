import mic.auth.revocation
import mic.auth.revoke_blacklist
import mic.auth.service_auth
from mic.auth import RevocationList, RevokeBlacklist


def test_the_published_name_is_the_same_class() -> None:
    assert RevokeBlacklist is RevocationList
    assert mic.auth.revoke_blacklist.RevokeBlacklist is RevocationList
    assert mic.auth.revoke_blacklist.__all__ == sorted(mic.auth.revoke_blacklist.__all__)


def test_the_published_modules() -> None:
    for name in ("ServiceAuthClaims", "ServiceAuthSigner", "ServiceAuthVerifier"):
        assert getattr(mic.auth.service_auth, name) is getattr(mic.auth, name)
