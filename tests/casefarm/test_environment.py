"""What the client, the command and the stack read from the environment."""

import re
from pathlib import Path

import pytest

from casefarm.environment import find_home, find_token, find_url, join_settings, parse_env_file, read_listen, read_port
from casefarm.errors import CasefarmError

REPOSITORY = Path(__file__).resolve().parents[2]
READERS = r"read_\w+\(\s*\"([A-Z0-9_]+)\""
OF_THE_COMMAND = {"CASEFARM_PORT", "CASEFARM_LISTEN", "CASEFARM_FLOWER_PORT", "CASEFARM_URL", "CASEFARM_TOKEN"}


def example_names() -> list[str]:
    text = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
    return re.findall(r"^#?([A-Z][A-Z0-9_]+)=", text, re.MULTILINE)


def test_every_setting_stands_in_the_example_once_and_nothing_else():
    settings = (REPOSITORY / "backend/config/settings.py").read_text(encoding="utf-8")
    names = example_names()

    assert set(names) == set(re.findall(READERS, settings)) | OF_THE_COMMAND
    assert len(names) == len(set(names))


def test_every_count_in_the_example_has_the_default_of_the_settings():
    settings = (REPOSITORY / "backend/config/settings.py").read_text(encoding="utf-8")
    defaults = {
        name: number.replace("_", "")
        for name, number in re.findall(r"read_count\(\s*\"([A-Z0-9_]+)\", ([\d_]+)", settings)
    }
    text = (REPOSITORY / ".env.example").read_text(encoding="utf-8")
    shown = dict(re.findall(r"^#([A-Z0-9_]+)=(\d+)$", text, re.MULTILINE))

    assert defaults
    assert {name: shown.get(name) for name in defaults} == defaults


def test_an_env_file_gives_its_values_without_quotes_and_comments():
    text = "# a comment\nA=1\nexport B='two words'\n\nC=\"x=y\"\nD=\nnot a setting\n"

    assert parse_env_file(text) == {"A": "1", "B": "two words", "C": "x=y", "D": ""}


@pytest.mark.parametrize("found", ["http", "70000", "-1", "8000 "])
def test_a_wrong_port_is_refused_with_what_is_accepted(found):
    with pytest.raises(CasefarmError, match=r"CASEFARM_PORT: found .*accepted: a port"):
        read_port({"CASEFARM_PORT": found})


def test_the_address_is_the_one_set_then_the_one_served_then_the_default(tmp_path):
    environment = {"CASEFARM_HOME": str(tmp_path), "CASEFARM_PORT": "8111"}

    assert find_url(environment) == "http://127.0.0.1:8111"
    (tmp_path / "run").mkdir()
    (tmp_path / "run" / "url").write_text("http://127.0.0.1:9000\n")
    assert find_url(environment) == "http://127.0.0.1:9000"
    assert find_url({**environment, "CASEFARM_URL": "https://farm.example.org/"}) == "https://farm.example.org"


def test_the_token_is_the_one_set_then_the_one_of_the_home(tmp_path):
    environment = {"CASEFARM_HOME": str(tmp_path)}

    with pytest.raises(CasefarmError, match="start the farm"):
        find_token(environment)
    (tmp_path / "token").write_text("of-the-home\n")
    assert find_token(environment) == "of-the-home"
    assert find_token({**environment, "CASEFARM_TOKEN": "set"}) == "set"


def test_the_home_is_absolute_and_in_the_working_folder_by_default(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)

    assert find_home({}) == tmp_path / "var"
    assert find_home({"CASEFARM_HOME": "elsewhere"}) == tmp_path / "elsewhere"


@pytest.mark.parametrize("wrong", ["0.0.0.0", "farm.example.org", "::1", "224.0.0.1"])
def test_a_farm_listens_on_an_address_that_others_can_dial(wrong: str) -> None:
    with pytest.raises(CasefarmError, match="setting CASEFARM_LISTEN"):
        read_listen({"CASEFARM_LISTEN": wrong})
    assert read_listen({}) == "127.0.0.1"
    assert read_listen({"CASEFARM_LISTEN": "10.1.2.3"}) == "10.1.2.3"


def test_other_machines_are_told_where_the_servers_and_files_are_and_nothing_else() -> None:
    told = {"DATABASE_URL": "postgresql://a", "REDIS_URL": "redis://b", "CASEFARM_S3_ENDPOINT": "http://c"}
    assert join_settings({**told, "CASEFARM_SECRET_KEY": "d", "CASEFARM_HOME": "/e", "PATH": "/bin"}) == told
