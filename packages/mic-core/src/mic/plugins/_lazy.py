"""Names of other distributions that a package offers, imported when they are first asked for."""

import importlib
from collections.abc import Callable, Mapping
from dataclasses import KW_ONLY, dataclass
from typing import Any

from mic.plugins._lazy_names import make_getters


@dataclass(frozen=True, slots=True)
class LazyExport:
    """Where a name comes from, and what to install when it is not there.

    Attributes:
        module: The module that holds the object, such as `mic.cache_redis`.
        distribution: What to install, such as `mic-cache-redis`; may name an extra of its own.
        extra: The extra of `mic-struct` that installs it; `None` takes the distribution's name
            without `mic-`, and none for a distribution that is not named so.
        attribute: The object's name in the module; `None` takes the exported name.
        requires: Further top-level modules whose absence means "not installed" as well.
    """

    module: str
    distribution: str
    _: KW_ONLY
    extra: str | None = None
    attribute: str | None = None
    requires: tuple[str, ...] = ()

    def is_absent(self, missing: str | None) -> bool:
        """Whether a module that was not found means that the distribution is not installed.

        Args:
            missing: `ModuleNotFoundError.name`. The packages that enclose `module` count as well.
        """
        if missing is None:
            return False
        return f"{self.module}.".startswith(f"{missing}.") or missing in self.requires

    def install_hint(self) -> str:
        """Say what to install, as the arguments of an installer."""
        extra = self.extra
        if extra is None and self.distribution.startswith("mic-"):
            extra = self.distribution.removeprefix("mic-").partition("[")[0]
        hint = f'pip install "{self.distribution}"'
        return f'{hint} or "mic-struct[{extra}]"' if extra else hint


def make_lazy_exports(
    package: str,
    exports: Mapping[str, LazyExport],
    *,
    fallback: Callable[[str], Any] | None = None,
) -> tuple[Callable[[str], Any], Callable[[], list[str]]]:
    """Make the `__getattr__` and `__dir__` of a package that offers names of other distributions.

    ```
    if TYPE_CHECKING:
        from mic.cache_redis import RedisCache as RedisCache

    __getattr__, __dir__ = make_lazy_exports(
        __name__, {"RedisCache": LazyExport("mic.cache_redis", "mic-cache-redis")}
    )
    ```

    Guarantees: nothing is imported before a name is asked for; the object is then stored in the
    package, so that the second access is a plain attribute; threads that race for a name get the
    same object. When the distribution is absent the caller gets an `ImportError` that names it;
    every other exception, an import error inside the backend included, passes untouched.
    `__all__` lists eager names only, so that `from package import *` never fails.

    Args:
        package: `__name__` of the calling module.
        exports: The offered names.
        fallback: Asked for any other name; `None` raises the usual `AttributeError`.

    Returns:
        The two functions, to be assigned to `__getattr__` and `__dir__`.
    """
    offered = dict(exports)

    def find(name: str) -> Any:
        export = offered[name]
        return getattr(_import(package, name, export), export.attribute or name)

    return make_getters(package, offered, find, fallback)


def _import(package: str, name: str, export: LazyExport) -> Any:
    try:
        return importlib.import_module(export.module)
    except ModuleNotFoundError as error:
        if not export.is_absent(error.name):
            raise
        raise ImportError(
            f"{package}.{name} needs the distribution {export.distribution}: "
            f"{export.install_hint()}",
            name=package,
        ) from error
