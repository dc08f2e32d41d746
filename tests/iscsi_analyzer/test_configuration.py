"""Settings come from the nearest file; what cannot be understood is said, and nothing in it can run."""

from __future__ import annotations

from pathlib import Path

import pytest

from iscsi_analyzer.configuration import Configuration, ConfigurationError, find, read

OWN = """
select = ["tmf-*", "cmdsn-gap"]
ignore = ["*-reserved"]
profile = "rfc7143"
fail-on = "warning"

[severity]
"conn-closed-in-ffp" = "warning"
"""


def written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_everything_in_the_file_is_read(tmp_path: Path) -> None:
    path = written(tmp_path / "iscsi-analyzer.toml", OWN)
    assert read(path) == Configuration(
        path, ("tmf-*", "cmdsn-gap"), ("*-reserved",), {"conn-closed-in-ffp": "warning"}, "rfc7143", "warning"
    )


def test_a_project_may_have_it_in_a_table(tmp_path: Path) -> None:
    text = OWN.replace("\nselect", "[tool.iscsi-analyzer]\nselect").replace(
        "[severity]", "[tool.iscsi-analyzer.severity]"
    )
    path = written(tmp_path / "pyproject.toml", "[tool.other]\nselect = 3\n" + text)
    assert read(path).select == ("tmf-*", "cmdsn-gap")
    assert read(path).severity == {"conn-closed-in-ffp": "warning"}


def test_the_nearest_file_holds(tmp_path: Path) -> None:
    """In each directory the own file first; a project that says nothing of us is passed over."""
    below = tmp_path / "a" / "b"
    below.mkdir(parents=True)
    assert find(below).source is None or tmp_path not in find(below).source.parents  # type: ignore[union-attr]
    top = written(tmp_path / "iscsi-analyzer.toml", "ignore = ['top']")
    written(tmp_path / "a" / "pyproject.toml", "[tool.other]")
    assert find(below).source == top
    project = written(tmp_path / "a" / "pyproject.toml", "[tool.iscsi-analyzer]\nignore = ['project']")
    assert find(below).source == project
    own = written(tmp_path / "a" / "iscsi-analyzer.toml", "")
    assert find(below) == Configuration(own)


def test_a_project_of_somebody_else_is_no_matter_of_ours(tmp_path: Path) -> None:
    """Not even if it is broken."""
    written(tmp_path / "pyproject.toml", "this is [not TOML")
    written(tmp_path / "up.txt", "")
    own = written(tmp_path / "below" / "iscsi-analyzer.toml", "")
    assert find(own.parent).source == own
    found = find(tmp_path)
    assert found.source is None or found.source.parent != tmp_path


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("select = ", "iscsi-analyzer.toml"),
        ("select = 'cmdsn-gap'", "select is no list"),
        ("ignore = [1]", "ignore is no list"),
        ("severity = 'error'", "severity is no table"),
        ("severity = {a = 'fatal'}", "severity of a is 'fatal'; there are note, warning, error"),
        ("severity = {a = 1}", "severity of a is 1"),
        ("profile = 'rfc1'", "profile is 'rfc1'; there are auto, rfc3720"),
        ("fail-on = 'never'", "fail-on is 'never'"),
        ("plugins = ['evil.py']", "nothing is called plugins; there are select"),
        ("fail_on = 'error'", "nothing is called fail_on"),
    ],
)
def test_what_is_wrong_is_said(tmp_path: Path, text: str, said: str) -> None:
    path = written(tmp_path / "iscsi-analyzer.toml", text)
    with pytest.raises(ConfigurationError) as raised:
        read(path)
    assert said in str(raised.value) and str(path) in str(raised.value)


def test_a_file_that_cannot_be_read_is_told(tmp_path: Path) -> None:
    with pytest.raises(ConfigurationError, match="missing"):
        read(tmp_path / "missing.toml")
    path = tmp_path / "iscsi-analyzer.toml"
    path.write_bytes(b"ignore = ['\xff']")
    with pytest.raises(ConfigurationError):
        read(path)
    table = written(tmp_path / "pyproject.toml", "[tool]\niscsi-analyzer = 3  # tool.iscsi-analyzer")
    with pytest.raises(ConfigurationError, match="no table"):
        read(table)
