"""The command line: Django's, whose help begins with what the portal itself can do."""

import re

from django.core.management import ManagementUtility, get_commands, load_command_class

OURS = ("accounts", "licenses", "orders", "compliance", "licensing_portal")


def own_commands() -> dict[str, str]:
    """Return the portal's own commands, each with the first sentence of its help."""
    found = {}
    for name, app in sorted(get_commands().items()):
        if isinstance(app, str) and app in OURS:
            first = re.split(r"\n\n|(?<=\.)\s", load_command_class(app, name).help)[0]
            found[name] = " ".join(first.split())
    return found


class CommandLine(ManagementUtility):
    """What `manage.py` runs."""

    def main_help_text(self, commands_only: bool = False) -> str:
        """Return what there is to call, the portal's own before everything else."""
        text: str = super().main_help_text(commands_only)
        if commands_only:
            return text
        own = own_commands()
        width = max(len(name) for name in own)
        lines = [f"    {name:<{width}}  {says}" for name, says in own.items()]
        return "\n".join(["", "The portal's own commands:", "", *lines, text])
