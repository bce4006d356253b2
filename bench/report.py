"""One line per goal: NAME FIGURE GOAL ok|short."""

from dataclasses import dataclass, field


@dataclass
class Report:
    """Collects goals; `is_met` tells whether all were reached."""

    lines: list[tuple[str, float, float, str]] = field(default_factory=list)

    def at_most(self, name: str, figure: float, goal: float, unit: str = "") -> None:
        """Say a figure that should stay at or under its goal."""
        self._say(name, figure, goal, unit, is_met=figure <= goal)

    def at_least(self, name: str, figure: float, goal: float, unit: str = "") -> None:
        """Say a figure that should reach its goal."""
        self._say(name, figure, goal, unit, is_met=figure >= goal)

    def _say(self, name: str, figure: float, goal: float, unit: str, *, is_met: bool) -> None:
        self.lines.append((name, figure, goal, "ok" if is_met else "short"))
        print(f"{name} {figure:.3g}{unit} {goal:.3g}{unit} {self.lines[-1][3]}", flush=True)

    @property
    def is_met(self) -> bool:
        return all(verdict == "ok" for *_rest, verdict in self.lines)
