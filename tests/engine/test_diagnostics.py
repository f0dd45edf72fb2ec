"""The engine's complaints, read with a cap."""

from pathlib import Path

from energyplus.results.diagnostics import read_diagnostics, read_diagnostics_of

ERR = """Program Version,EnergyPlus, Version 25.2.0
   ************* Beginning Zone Sizing Calculations
   ** Warning ** First warning
   **   ~~~   ** goes on
   ** Severe  ** GetSurfaceData: no surfaces
   **   ~~~   ** in zone ONE
   ** Warning ** Second warning
   **  Fatal  ** GetSurfaceData: Errors discovered, program terminates.
   ...Summary of Errors that led to program termination:
   ..... Reference severe error count=1
   ************* EnergyPlus Terminated--Fatal Error Detected. 7 Warning; 3 Severe Errors; Elapsed Time=00hr
"""


def test_messages_are_joined_with_their_continuations_and_counts_are_the_engines_own(tmp_path: Path) -> None:
    (tmp_path / "eplusout.err").write_text(ERR)
    found = read_diagnostics(tmp_path / "eplusout.err")
    assert found.fatal == ("GetSurfaceData: Errors discovered, program terminates.",)
    assert found.severe == ("GetSurfaceData: no surfaces in zone ONE",)
    assert found.first_warnings == ("First warning goes on", "Second warning")
    assert (found.warnings, found.severe_errors) == (7, 3)
    assert not found.completed
    assert found.first_line == (
        "GetSurfaceData: Errors discovered, program terminates. GetSurfaceData: no surfaces in zone ONE"
    )


def test_a_file_without_its_last_line_is_counted_and_not_completed(tmp_path: Path) -> None:
    (tmp_path / "eplusout.err").write_text(ERR.rpartition("   *****")[0])
    found = read_diagnostics(tmp_path / "eplusout.err")
    assert (found.warnings, found.severe_errors, found.completed) == (2, 1, False)


def test_a_huge_file_is_read_at_both_ends_only(tmp_path: Path) -> None:
    path = tmp_path / "eplusout.err"
    with path.open("w") as stream:
        stream.write(f"   ** Warning ** {'x' * 5000}\n")
        for _ in range(200):
            stream.write("   ** Warning ** the same again\n   **   ~~~   ** and again\n" * 1000)
        stream.write("   ** Severe  ** at the very end\n")
        stream.write(
            "   ************* EnergyPlus Completed Successfully-- 200001 Warning; 1 Severe Errors; Elapsed Time=1\n"
        )
    found = read_diagnostics(path)
    assert (found.warnings, found.severe_errors, found.completed) == (200001, 1, True)
    assert [len(text) for text in found.first_warnings[:2]] == [2000, len("the same again and again")]
    assert max(message.count for message in found.messages) > 50_000
    assert found.severe == ("at the very end",)
    assert not found.is_complete


def test_a_missing_or_binary_file_gives_nothing(tmp_path: Path) -> None:
    assert read_diagnostics(tmp_path / "none").first_line is None
    (tmp_path / "eplusout.err").write_bytes(bytes(range(256)) * 100)
    assert not read_diagnostics(tmp_path / "eplusout.err").completed


def test_of_many_different_messages_the_first_are_told_and_all_are_counted(tmp_path: Path) -> None:
    (tmp_path / "eplusout.err").write_text("".join(f"   ** Warning ** number {n}\n" for n in range(120)))
    found = read_diagnostics(tmp_path / "eplusout.err")
    assert (len(found.messages), found.message_count, found.warnings) == (50, 120, 120)
    more = read_diagnostics_of([(tmp_path / "eplusout.err").read_bytes()], most_messages=110)
    assert (len(more.messages), more.message_count) == (110, 120)


def test_a_file_in_pieces_is_read_as_the_file_is(tmp_path: Path) -> None:
    path = tmp_path / "eplusout.err"
    path.write_text("   ** Warning ** the same again\n" * 300_000 + "   ** Severe  ** at the very end\n")
    content = path.read_bytes()
    pieces = (content[start : start + 100_003] for start in range(0, len(content), 100_003))
    assert read_diagnostics_of(pieces) == read_diagnostics(path)
    path.write_text(ERR)
    assert read_diagnostics_of(iter([ERR[:7].encode(), ERR[7:].encode()])) == read_diagnostics(path)
