from licensing_portal.command_line import CommandLine, own_commands


def test_help_begins_with_the_portals_own_commands_and_what_they_do():
    shown = CommandLine(["manage.py", "help"]).main_help_text()
    ours, rest = shown.split("Available subcommands:")
    for name, says in own_commands().items():
        assert f"    {name} " in ours
        assert says in ours
    assert "migrate" in rest


def test_a_shell_that_completes_names_gets_names_alone():
    names = CommandLine(["manage.py"]).main_help_text(commands_only=True).split("\n")
    assert own_commands().keys() <= set(names)
    assert not [name for name in names if " " in name]
