"""What a rule says."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tools.workspace import Workspace


@dataclass(frozen=True, slots=True)
class Finding:
    """Something wrong: the file or folder, and what to do about it."""

    path: Path
    message: str


@dataclass(slots=True)
class Report:
    """What one rule has looked at and found."""

    looked_at: int = 0
    findings: list[Finding] = field(default_factory=list)

    def look(self) -> None:
        """Counts one thing looked at."""
        self.looked_at += 1

    def add(self, path: Path, message: str) -> None:
        """Adds a finding."""
        self.findings.append(Finding(path, message))

    def unless(self, condition: object, path: Path, message: str) -> None:
        """Counts one thing looked at, and adds a finding unless the condition holds."""
        self.look()
        if not condition:
            self.add(path, message)


@dataclass(frozen=True, slots=True)
class Rule:
    """A numbered rule."""

    code: str
    title: str
    check: Callable[[Workspace, Report], None]

    def run(self, workspace: Workspace) -> list[Finding]:
        """Runs the rule; a file that is not Python, or nothing to look at, is a finding."""
        report = Report()
        try:
            self.check(workspace, report)
        except SyntaxError as error:
            report.add(Path(error.filename or "?"), f"line {error.lineno}: {error.msg}")
        if not report.looked_at and not report.findings:
            report.add(workspace.root, "nothing to check: is this the root of the workspace?")
        return sorted(report.findings, key=lambda each: (str(each.path), each.message))


def lines(findings: list[Finding], *, code: str, root: Path) -> Iterator[str]:
    """One line a finding: code, path relative to the root, message."""
    for each in findings:
        path = each.path.relative_to(root) if each.path.is_relative_to(root) else each.path
        yield f"{code} {path}: {each.message}"
