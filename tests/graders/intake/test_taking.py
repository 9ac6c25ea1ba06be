"""Whose file is which, as platforms say it; what is not clear is listed, and nobody is lost."""

import io
import json
import zipfile
from pathlib import Path

import pytest

from backproof.frontends.cli import ExitCode, main
from backproof.intake import Scratch, take_in
from backproof.intake.layouts import piles, platform
from backproof.model import BackproofError, Student, Submission

CODE = "x = 1\n"
GRADESCOPE = """submission_11:
  :submitters:
  - :name: Ada Lovelace
    :sid: '0042'
    :email: ada@example.org
  :created_at: 2026-04-26 17:34:00.861687000 Z
  :results:
    output: |-
      *not an alias: [
submission_12:
  :submitters:
  - :name: Bob
    :sid: 43
    :email: bob@example.org
  - :name: Cyd
    :sid:
    :email: cyd@example.org
submission_13:
  :submitters: []
"""


def zipped(path: Path, files: dict[str, str | bytes]) -> Path:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def laid_out(folder: Path, files: dict[str, str | bytes]) -> Path:
    for name, content in files.items():
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(content if isinstance(content, bytes) else content.encode())
    return folder


@pytest.fixture(params=["archive", "folder", "wrapped"])
def collected(request: pytest.FixtureRequest, tmp_path: Path):
    """Takes in a class that is handed out as an archive, unpacked, or in a folder within one."""

    def collect(
        files: dict[str, str | bytes], wrapper: str = "assignment_7_export"
    ) -> list[Submission]:
        if request.param == "folder":
            path = laid_out(tmp_path / "class", files)
        elif request.param == "archive":
            path = zipped(tmp_path / "class.zip", files)
        else:
            path = zipped(tmp_path / "class.zip", {f"{wrapper}/{n}": c for n, c in files.items()})
        return take_in(path, "hw", Scratch(tmp_path / "scratch"))

    return collect


def by_id(found: list[Submission]) -> dict[str, Submission]:
    return {"+".join(s.id for s in one.students) or one.name: one for one in found}


def test_canvas(collected) -> None:
    """Names, numbers, who was late; text typed into the page is no file; weights follow along."""
    found = by_id(
        collected(
            {
                "lovelaceada_1_900_hw.ipynb": '{"cells": []}',
                "o_connor_LATE_2_901_my_work_3_4.py": CODE,
                "LATE_anon_aB3_902_hw-2.py": CODE,
                "LATE_anon_aB3_903_hw.weights-1.npz": b"w",
                "dan_4_text.html": "I could not do it",
                "eve_5_904_hw.py": CODE,
                "eve_5_905_hw-1.py": CODE,
                "fay_6_906_essay.pdf": b"%PDF",
            }
        )
    )

    assert set(found) == {"1", "2", "anon_aB3", "4", "5", "6"}
    assert found["1"].students == (Student(name="lovelaceada", id="1"),)
    assert found["1"].is_notebook
    assert [found[n].late for n in ("1", "2", "anon_aB3")] == [False, True, True]
    assert found["2"].students[0].name == "o_connor"
    assert found["2"].name.endswith("o_connor_2/my_work_3_4.py")
    assert found["anon_aB3"].path.name == "hw.py"
    assert (found["anon_aB3"].path.parent / "hw.weights.npz").read_bytes() == b"w"
    assert "no .py or .ipynb file, but text.html" in str(found["4"].fault)
    assert "which is the submission" in str(found["5"].fault)
    assert "essay.pdf" in str(found["6"].fault)


def test_moodle(collected) -> None:
    """A folder for each student and kind; what was typed into the page is no file."""
    found = by_id(
        collected(
            {
                "Ada Lovelace_11_assignsubmission_file_/hw.py": CODE,
                "Ada Lovelace_11_assignsubmission_onlinetext_/onlinetext.html": "see file",
                "Bob_12_assignsubmission_file_/deep/er/work.py": CODE,
                "Bob_12_assignsubmission_file_/deep/er/test_work.py": CODE,
                "Cyd_13_assignsubmission_onlinetext_/onlinetext.html": "no file",
                "Dan_14_assignsubmission_file_/a.py": CODE,
                "Dan_14_assignsubmission_file_/b.py": CODE,
                "Eve_15_assignsubmission_file_/hw.py": CODE,
                "Eve_15_assignsubmission_file_/helper.py": CODE,
            },
            "Deep Learning-Homework-77",
        )
    )

    assert set(found) == {"11", "12", "13", "14", "15"}
    assert found["11"].students == (Student(name="Ada Lovelace", id="11"),)
    assert found["11"].cells == found["12"].cells == found["15"].cells == (CODE,)
    assert "onlinetext/onlinetext.html" in str(found["13"].fault)
    assert "holds a.py and b.py: which is the submission" in str(found["14"].fault)


def test_moodle_without_folders(collected) -> None:
    (found,) = collected({"Ada L_11_assignsubmission_file_hw.py": CODE})

    assert found.students == (Student(name="Ada L", id="11"),)
    assert found.cells == (CODE,)


def test_gradescope(collected) -> None:
    """The file of metadata says who; groups have several names; what it does not list has none."""
    found = {
        one.name.partition("submission_")[2][:2]: one
        for one in collected(
            {
                "submission_metadata.yml": GRADESCOPE,
                "submission_11/hw.py": CODE,
                "submission_12/hw.py": CODE,
                "submission_14/hw.py": CODE,
            }
        )
    }

    assert found["11"].students == (
        Student(name="Ada Lovelace", id="0042", email="ada@example.org"),
    )
    assert [s.email for s in found["12"].students] == ["bob@example.org", "cyd@example.org"]
    assert found["12"].students[0].id == "43"
    assert found["12"].cells == (CODE,)
    assert "but nothing" in str(found["13"].fault)
    assert "nobody knows whose" in str(found["14"].fault)


@pytest.mark.parametrize(
    "text", ["[", "- a\n", "a: !!python/object/apply:os.system [ls]", "&a [*a, *a]"]
)
def test_metadata_that_cannot_be_read_is_worded(tmp_path: Path, text: str) -> None:
    path = zipped(tmp_path / "c.zip", {"submission_metadata.yml": text, "submission_1/hw.py": CODE})
    with pytest.raises(BackproofError, match="submission_metadata"):
        take_in(path, "hw", Scratch(tmp_path / "scratch"))


def test_nbgrader(tmp_path: Path) -> None:
    """Only the folder of this homework counts; who has not handed it in is listed."""
    root = laid_out(
        tmp_path / "submitted",
        {
            "ada/hw/hw.ipynb": '{"cells": []}',
            "ada/hw/timestamp.txt": "2026-01-01",
            "ada/hw1/hw1.ipynb": "{}",
            "bob/hw1/hw1.ipynb": "{}",
            "cyd/hw/a.py": CODE,
            "cyd/hw/b.py": CODE,
        },
    )
    (root / "dan" / "hw").mkdir(parents=True)
    found = by_id(take_in(root, "hw", Scratch(tmp_path / "scratch")))

    assert set(found) == {"ada", "bob", "cyd", "dan"}
    assert found["ada"].name == str(root / "ada/hw/hw.ipynb")
    assert not found["ada"].fault
    assert "no folder 'hw', but hw1" in str(found["bob"].fault)
    assert "which is the submission" in str(found["cyd"].fault)
    assert "but nothing" in str(found["dan"].fault)


@pytest.mark.parametrize("copy", ["hw (1).ipynb", "hw-Copy1.ipynb", "hw_final.py"])
@pytest.mark.parametrize("packed", [False, True])
def test_work_in_a_copy_beside_what_was_handed_out_is_not_lost(
    tmp_path: Path, copy: str, packed: bool
) -> None:
    """Which of them counts is for a person to say; other files may lie beside the submission."""
    files: dict[str, str | bytes] = {
        "ada/hw.ipynb": '{"cells": []}',
        f"ada/{copy}": CODE,
        "bob/hw.py": CODE,
        "bob/utils.py": CODE,
        "bob/hw10.py": CODE,
        "cyd/hw.ipynb": '{"cells": []}',
        "cyd/hw-checkpoint.ipynb": '{"cells": []}',
    }
    path = zipped(tmp_path / "c.zip", files) if packed else laid_out(tmp_path / "c", files)
    found = by_id(take_in(path, "hw", Scratch(tmp_path / "scratch")))

    assert "which is the submission" in str(found["ada"].fault)
    assert copy in str(found["ada"].fault)
    assert not found["bob"].fault
    assert not found["cyd"].fault


def test_a_document_among_the_files_of_a_class_is_somebodys(tmp_path: Path) -> None:
    """It is listed for a person; tables and data of the course are not."""
    root = laid_out(
        tmp_path / "c", {"ada.py": CODE, "kay.docx": "words", "class.csv": "a", "public.json": "{}"}
    )
    found = by_id(take_in(root, "hw", Scratch(tmp_path / "scratch")))

    assert set(found) == {"ada", "kay"}
    assert "kay.docx is neither .py nor .ipynb but '.docx'" in str(found["kay"].fault)


def test_nbgrader_with_one_student(tmp_path: Path) -> None:
    path = zipped(tmp_path / "c.zip", {"submitted/ada/hw/hw.py": CODE})
    (found,) = take_in(path, "hw", Scratch(tmp_path / "scratch"))

    assert found.students == (Student(id="ada"),)
    assert found.name == f"{path}/ada/hw.py"


def test_a_folder_or_a_file_for_each_student(collected) -> None:
    found = by_id(
        collected(
            {"ada/hw.py": CODE, "bob.py": CODE, "cyd/notes.txt": "", "cyd/.git/hw.py": CODE},
            "class",
        )
    )

    assert set(found) == {"ada", "bob", "cyd"}
    assert "notes.txt" in str(found["cyd"].fault)
    assert all(found[name].cells == (CODE,) for name in ("ada", "bob"))


def test_the_folder_of_one_student_is_one_submission(tmp_path: Path) -> None:
    root = laid_out(tmp_path / "mine", {"hw.py": CODE, "helper.py": CODE, "old/hw/hw.py": CODE})
    (found,) = take_in(root, "hw", Scratch(tmp_path / "scratch"))

    assert found.path == root / "hw.py"
    assert found.students == ()


def inner(files: dict[str, str | bytes]) -> bytes:
    data = io.BytesIO()
    with zipfile.ZipFile(data, "w") as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return data.getvalue()


def test_an_archive_that_a_student_hands_in_is_opened_once(collected) -> None:
    """A hostile one costs its student a line, and no one else anything."""
    good = inner({"work/hw.py": CODE, "__MACOSX/work/._hw.py": "junk"})
    found = by_id(
        collected(
            {
                "ada/all.zip": good,
                "bob/all.zip": inner({"../../hw.py": CODE}),
                "cyd/all.zip": inner({"again.zip": good}),
                "dan/all.zip": b"not a zip",
                "eve/hw.py": CODE,
                "eve/all.zip": good,
                "fay/a.zip": good,
                "fay/b.zip": good,
                "gus/all.zip": inner({"a/hw.py": CODE, "b/hw.py": CODE}),
                "hal/all.zip": inner({"hw.py": CODE, "hw.w.npz": b"w"}),
            },
            "class",
        )
    )

    assert found["ada"].cells == found["eve"].cells == (CODE,)
    assert "all.zip, which holds a path that leads out of it" in str(found["bob"].fault)
    assert "archive inside an archive" in str(found["cyd"].fault)
    assert "no zip archive" in str(found["dan"].fault)
    assert "a.zip and b.zip" in str(found["fay"].fault)
    assert "a/hw.py and b/hw.py" in str(found["gus"].fault)
    assert (found["hal"].path.parent / "hw.w.npz").exists()


def test_a_folder_of_archives(tmp_path: Path) -> None:
    """One for each student, beside files of others."""
    root = laid_out(tmp_path / "c", {"ada.zip": inner({"x.py": CODE}), "bob.zip": b"junk"})
    found = by_id(take_in(root, "hw", Scratch(tmp_path / "scratch")))
    assert found["ada"].cells == (CODE,)
    assert "no zip archive" in str(found["bob"].fault)

    (root / "cyd.py").write_text(CODE)
    assert set(by_id(take_in(root, "hw", Scratch(tmp_path / "again")))) == {"ada", "bob", "cyd"}


def test_a_name_may_not_be_longer_than_a_disk_allows(tmp_path: Path) -> None:
    path = zipped(tmp_path / "c.zip", {"ada/" + "ü" * 150 + ".py": CODE, "bob/hw.py": CODE})
    found = by_id(take_in(path, "hw", Scratch(tmp_path / "scratch")))

    assert "too long" in str(found["ada"].fault)
    assert found["bob"].cells == (CODE,)


def test_the_same_name_twice_is_not_guessed(tmp_path: Path) -> None:
    path = tmp_path / "c.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("ada/hw.py", CODE)
        with pytest.warns(UserWarning, match="Duplicate"):
            archive.writestr("ada/hw.py", "x = 2\n")
        archive.writestr("bob/hw.py", CODE)
    found = by_id(take_in(path, "hw", Scratch(tmp_path / "scratch")))

    assert "holds hw.py and hw.py" in str(found["ada"].fault)
    assert found["bob"].cells == (CODE,)


def test_a_single_file_says_what_its_name_says(tmp_path: Path) -> None:
    """Also when a shell has listed the files of an unpacked archive."""
    names = ("hw.py", "ada.py", "ada_LATE_1_2_hw.py")
    laid_out(tmp_path, dict.fromkeys(names, CODE))
    found = [take_in(tmp_path / name, "hw", Scratch(tmp_path / "s"))[0] for name in names]

    assert [one.students for one in found] == [
        (),
        (Student(id="ada"),),
        (Student(name="ada", id="1"),),
    ]
    assert [one.late for one in found] == [None, None, True]


def test_links_are_not_followed(tmp_path: Path) -> None:
    root = laid_out(tmp_path / "c", {"ada/hw/hw.py": CODE})
    (tmp_path / "secret.py").write_text("secret = 1\n")
    (root / "bob").mkdir()
    (root / "bob" / "hw").symlink_to(root / "ada" / "hw")
    (root / "cyd" / "hw").mkdir(parents=True)
    (root / "cyd" / "hw" / "hw.py").symlink_to(tmp_path / "secret.py")
    found = {one.students[0].id: one for one in take_in(root, "hw", Scratch(tmp_path / "scratch"))}

    assert not found["ada"].fault
    assert all("secret" not in "".join(one.cells) for one in found.values())


@pytest.mark.parametrize("name", ["class.tar.gz", "class.7z", "class.rar"])
def test_other_archives_are_named(tmp_path: Path, name: str) -> None:
    with pytest.raises(BackproofError, match="unpack it yourself"):
        take_in(tmp_path / name, "hw", Scratch(tmp_path / "scratch"))


@pytest.mark.parametrize("theirs", ["ada_LATE_1_2_hw.py", "Ada_1_assignsubmission_file_/hw.py"])
def test_a_file_of_the_course_beside_them_hides_no_platform(tmp_path: Path, theirs: str) -> None:
    """As a list of grades, or of rules."""
    root = laid_out(tmp_path / "c", {theirs: CODE, "grades.csv": "x", "README.md": "x"})
    (found,) = take_in(root, "hw", Scratch(tmp_path / "scratch"))

    assert found.students[0].id == "1"
    assert found.cells == (CODE,)


def test_what_looks_like_a_platform_only_in_part_is_none() -> None:
    """One name is not enough: else a student could make a class look like another one."""
    found = [((name,), 0) for name in ("a_1_2_hw.py", "bob.py")]

    assert platform(found, "hw") == ""
    assert [pile.key for pile in piles(found, "hw")] == ["a_1_2_hw", "bob"]


def test_the_command_grades_an_archive_and_goes_on_after_a_bad_one(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    solution: str,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """Students and late flags are in the reports; the hostile archive is one line."""
    monkeypatch.chdir(repository)
    good = zipped(
        tmp_path / "good.zip",
        {"ada_LATE_1_10_first_layers.py": solution, "bob_2_11_a.py": CODE, "bob_2_12_b.py": CODE},
    )
    bad = zipped(tmp_path / "bad.zip", {"../x.py": CODE})
    report, table = tmp_path / "r.json", tmp_path / "r.csv"
    code = main(
        ["grade", "first_layers", str(bad), str(good), "--json", str(report), "--csv", str(table)]
    )

    err = capsys.readouterr().err
    assert code == ExitCode.USAGE
    assert "bad.zip' holds a path that leads out of it: '../x.py'" in err
    ada, bob = json.loads(report.read_text())["reports"]
    assert (ada["points"], ada["late"]) == (40, True)
    assert ada["students"] == [{"name": "ada", "id": "1", "email": ""}]
    assert (bob["points"], bob["late"]) == (0, False)
    assert "which is the submission" in bob["fault"]
    assert ",ada,1,,yes,40,40,0," in table.read_text()
    assert not list(tmp_path.parent.parent.glob("x.py"))


def test_who_has_several_submissions_is_named(
    repository: Path,
    monkeypatch: pytest.MonkeyPatch,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(repository)
    for name in ("one", "two"):
        zipped(tmp_path / f"{name}.zip", {"ada_1_10_notes.txt": CODE})
    main(["grade", "first_layers", str(tmp_path / "one.zip"), str(tmp_path / "two.zip")])

    assert "ada has several: " in capsys.readouterr().err
