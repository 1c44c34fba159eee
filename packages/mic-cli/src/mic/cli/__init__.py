"""A command line for a service, on the standard library, and the operator's command `mic`.

Importing this portion imports none of its modules before a name is asked for.
"""

from mic.cli._light import TYPE_CHECKING
from mic.plugins import make_lazy_names

if TYPE_CHECKING:
    from mic.cli._doctor import (
        doctor_command,
    )
    from mic.cli._plugins import (
        discover_commands,
    )
    from mic.cli._routes import (
        openapi_command,
        routes_command,
    )
    from mic.cli.builder import (
        adispatch,
        build_parser,
        dispatch,
    )
    from mic.cli.exit_codes import (
        ExitCode,
    )
    from mic.cli.spec import (
        ArgsBuilder,
        CliCommandSpec,
        CliGroupSpec,
        CommandOutcome,
        CommandResult,
        CommandRunner,
    )
else:
    __getattr__, __dir__ = make_lazy_names(
        __name__,
        {
            "mic.cli._doctor": ("doctor_command",),
            "mic.cli._plugins": ("discover_commands",),
            "mic.cli._routes": (
                "openapi_command",
                "routes_command",
            ),
            "mic.cli.builder": (
                "adispatch",
                "build_parser",
                "dispatch",
            ),
            "mic.cli.exit_codes": ("ExitCode",),
            "mic.cli.spec": (
                "ArgsBuilder",
                "CliCommandSpec",
                "CliGroupSpec",
                "CommandOutcome",
                "CommandResult",
                "CommandRunner",
            ),
        },
    )

__all__ = [
    "ArgsBuilder",
    "CliCommandSpec",
    "CliGroupSpec",
    "CommandOutcome",
    "CommandResult",
    "CommandRunner",
    "ExitCode",
    "adispatch",
    "build_parser",
    "discover_commands",
    "dispatch",
    "doctor_command",
    "openapi_command",
    "routes_command",
]
