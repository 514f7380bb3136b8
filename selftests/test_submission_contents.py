"""A submission is listed and read without following anything out of it, whatever somebody has put into it."""

from __future__ import annotations

import os
import stat
import struct
import zipfile
from pathlib import Path

import handing_in as h
import pytest

from stslab.errors import BadInput
from stslab.submission import archive, contents
from stslab.submission.contents import Refused, contents_of
from stslab.submission.scanning import LIMIT, scan
from stslab.submission.submission import read_submission


def paths(found):
    return [str(file.path) for file in found.files]


def fault(path):
    """What is said of a submission whose template cannot be used."""
    said = read_submission(path).documents.template.fault
    assert said.endswith(".")
    assert "\n" not in said
    return said


def test_a_folder_and_a_zip_of_it_are_the_same(tmp_path):
    folder = contents_of(h.hand_in(tmp_path / "student"))
    archived = contents_of(h.zipped(tmp_path / "student.zip"))
    assert paths(folder) == paths(archived) == ["bin/deploy", "policy.json", "template.yaml"]
    assert folder.digest() == archived.digest()
    assert [f.text() for f in folder.files] == [f.text() for f in archived.files]


def test_a_digest_tells_content_and_names_apart(tmp_path):
    first = contents_of(h.hand_in(tmp_path / "a")).digest()
    assert contents_of(h.hand_in(tmp_path / "b", policy=h.POLICY + " ")).digest() != first
    assert contents_of(h.hand_in(tmp_path / "c", policy=None, files={"policy2.json": h.POLICY})).digest() != first
    with_link = h.hand_in(tmp_path / "d")
    (with_link / "link").symlink_to("/")
    assert contents_of(with_link).digest() != first


def test_one_folder_around_everything_does_not_count(tmp_path):
    h.hand_in(tmp_path / "student" / "lab-main" / "lab")
    assert paths(contents_of(tmp_path / "student")) == ["bin/deploy", "policy.json", "template.yaml"]
    nested = h.zipped(tmp_path / "a.zip", {f"lab/{name}": text for name, text in h.RIGHT.items()})
    assert paths(contents_of(nested)) == ["bin/deploy", "policy.json", "template.yaml"]
    # A folder bin is the lab's own.
    alone = h.hand_in(tmp_path / "bin-only", template=None, policy=None)
    assert paths(contents_of(alone)) == ["bin/deploy"]


def test_what_an_operating_system_leaves_is_not_seen(tmp_path):
    folder = h.hand_in(tmp_path / "student", files={"__MACOSX/._template.yaml": "x", ".DS_Store": "x"})
    assert "__MACOSX" not in " ".join(paths(contents_of(folder)))
    archived = h.zipped(tmp_path / "a.zip", {**h.RIGHT, "__MACOSX/._policy.json": "x"})
    assert paths(contents_of(archived)) == ["bin/deploy", "policy.json", "template.yaml"]


def test_links_are_not_followed(tmp_path):
    secret = tmp_path / "outside.yaml"
    secret.write_text(h.TEMPLATE)
    folder = h.hand_in(tmp_path / "student", template=None)
    (folder / "template.yaml").symlink_to(secret)
    (folder / "up").symlink_to(tmp_path, target_is_directory=True)
    assert paths(contents_of(folder)) == ["bin/deploy", "policy.json"]
    assert "template.yaml is a link, which is not followed" in fault(folder)


def test_a_submission_that_is_a_link_is_refused(tmp_path):
    h.hand_in(tmp_path / "real")
    (tmp_path / "student").symlink_to(tmp_path / "real", target_is_directory=True)
    assert "it is a link, which is not followed" in fault(tmp_path / "student")


def test_a_pipe_is_not_waited_for(tmp_path):
    folder = h.hand_in(tmp_path / "student", template=None)
    os.mkfifo(folder / "template.yaml")
    assert "template.yaml is no regular file" in fault(folder)


def test_a_file_that_becomes_a_pipe_is_not_waited_for(tmp_path):
    folder = h.hand_in(tmp_path / "student")
    found = contents_of(folder)
    (folder / "template.yaml").unlink()
    os.mkfifo(folder / "template.yaml")
    (file,) = [file for file in found.files if file.path.name == "template.yaml"]
    with pytest.raises(BadInput, match="cannot be read"):
        file.read()


def test_a_device_is_not_read(tmp_path):
    folder = h.hand_in(tmp_path / "student", template=None)
    try:
        os.mknod(folder / "template.yaml", stat.S_IFCHR | 0o666, os.makedev(1, 5))
    except PermissionError:
        pytest.skip("making a device takes a privilege that this machine does not give")
    assert "template.yaml is no regular file" in fault(folder)


def test_limits_of_a_folder(tmp_path, monkeypatch):
    deep = tmp_path / "deep"
    h.hand_in(deep, files={"/".join(["d"] * (contents.DEPTH + 2)) + "/x": ""})
    assert "folders in one another" in fault(deep)
    monkeypatch.setattr(contents, "FILES", 5)
    many = h.hand_in(tmp_path / "many", files={f"f{i}": "" for i in range(4)})
    assert "there are more than 5 files in it" in fault(many)


def test_a_hundred_megabytes_are_not_read(tmp_path):
    folder = h.hand_in(tmp_path / "student")
    with (folder / "template.yaml").open("wb") as out:
        out.truncate(100_000_000)
    assert "it has more than 50 MB" in fault(folder)
    submission = read_submission(folder)
    assert submission.contents.files == []
    assert scan(submission.contents, submission.refusal).unread == [submission.refusal]


def test_a_large_file_beside_the_documents_is_not_looked_through(tmp_path):
    folder = h.hand_in(tmp_path / "student")
    with (folder / "video.mp4").open("wb") as out:
        out.truncate(LIMIT + 1)
    submission = read_submission(folder)
    assert submission.documents.template.fault == ""
    assert scan(submission.contents, submission.refusal).unread == ["video.mp4 has 5,000,001 bytes"]


@pytest.mark.parametrize(
    "name",
    ["../template.yaml", "a/../../b", "/etc/passwd", "C:\\x", "..\\..\\x", "C:/x"],
)
def test_zip_slip_is_refused(tmp_path, name):
    evil = h.zipped(tmp_path / "student.zip", {**h.RIGHT, name: "x"})
    said = fault(evil)
    assert "leads out of it, so nothing of it is read" in said
    assert read_submission(evil).contents.files == []


def test_a_zip_with_a_link_in_it(tmp_path):
    path = h.zipped(tmp_path / "student.zip", {k: v for k, v in h.RIGHT.items() if k != "template.yaml"})
    with zipfile.ZipFile(path, "a") as out:
        link = zipfile.ZipInfo("template.yaml")
        link.external_attr = (stat.S_IFLNK | 0o777) << 16
        out.writestr(link, "/etc/passwd")
    assert "template.yaml is a link, which is not followed" in fault(path)


def test_a_zip_bomb_is_refused(tmp_path):
    bomb = h.zipped(tmp_path / "student.zip", {**h.RIGHT, "zeros": b"\0" * 20_000_000})
    assert "zeros unpacks to over 200 times its size" in fault(bomb)


def test_a_zip_that_lies_about_its_size_is_not_unpacked(tmp_path):
    path = h.zipped(tmp_path / "student.zip", {"template.yaml": h.TEMPLATE + "#" * 10_000, "policy.json": h.POLICY})
    data = bytearray(path.read_bytes())
    # The uncompressed size of the first entry of the central directory.
    at = data.index(b"PK\x01\x02") + 24
    data[at : at + 4] = struct.pack("<I", 100)
    path.write_bytes(data)
    assert "template.yaml: " in fault(path)


def test_zips_that_cannot_be_read(tmp_path):
    (tmp_path / "student.zip").write_bytes(b"PK\x03\x04 not really")
    assert "this is no zip that can be read" in fault(tmp_path / "student.zip")
    twice = tmp_path / "twice.zip"
    with zipfile.ZipFile(twice, "w") as out:
        out.writestr("template.yaml", h.TEMPLATE)
        with pytest.warns(UserWarning, match="Duplicate name"):
            out.writestr("template.yaml", h.TEMPLATE)
    assert "template.yaml is in it twice" in fault(twice)


def test_an_encrypted_zip_is_refused(tmp_path):
    path = h.zipped(tmp_path / "student.zip")
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02") + 8
    data[at] |= 1
    path.write_bytes(data)
    assert "is encrypted" in fault(path)


def test_a_zip_with_a_damaged_file_says_so(tmp_path):
    path = h.zipped(tmp_path / "student.zip")
    data = bytearray(path.read_bytes())
    at = data.index(b"template.yaml") + len("template.yaml") + 20
    data[at : at + 30] = b"\0" * 30
    path.write_bytes(data)
    assert "template.yaml: it cannot be read" in fault(path)


def test_names_that_are_no_text(tmp_path):
    folder = h.hand_in(tmp_path / "student")
    Path(os.fsdecode(os.fsencode(folder) + b"/\xff\x1b[31m")).touch()
    assert contents.shown(contents_of(folder).files[-1].path) == "\\xff\\x1b[31m"


def test_neither_folder_nor_zip(tmp_path):
    with pytest.raises(Refused, match="there is no such folder or zip"):
        contents_of(tmp_path / "nothing")
    (tmp_path / "a.txt").write_text("x")
    with pytest.raises(Refused, match="no zip that can be read"):
        archive.unzipped(tmp_path / "a.txt")
